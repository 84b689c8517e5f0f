"""Keep an S3 object and its description together, whenever the process dies, and tell when they were not written.

Upstream: the body replaces the file that was there, then the description (version, ETag …) replaces the other; between
the two the description belongs to another body. A failure to write is a line in the log, and the answer is 200.

Here both are drafted beside the files that are there, then both are put in their place, the body first. A death in
between is finished at the next start: the body's draft is gone by then, so the description's belongs in place. After a
failure nothing more is replaced while that request is served, its answer is an error, and memory is put back as the
files are (``object_writes``).
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ministack.services import s3

from harness.localaws import object_writes
from harness.localaws.object_drafts import ABOUT, DRAFT
from harness.localaws.object_writes import writes
from harness.localaws.patching import replaces, wraps


@contextmanager
def _told() -> Iterator[None]:
    """Note a failure for the answer of the request, and refuse to write anything after one."""
    under_way = writes.get()
    if under_way and under_way.failures:
        raise under_way.failures[0]
    try:
        yield
    except OSError as error:
        if under_way:
            under_way.failures.append(error)
        raise


def install() -> None:
    """Replace the writing of an object's files, and watch that of its older versions."""

    @replaces(s3, "_persist_object")
    def _persist_object(bucket: str, key: str, stored: Any) -> None:
        place = s3._object_disk_path(bucket, key)
        about = {**s3._object_meta_from_record(stored), **s3._key_history_meta(bucket, key), "key": key}
        about.setdefault("tags", {})  # without, upstream's reading leaves annotations out
        files = {place: stored.get("body"), f"{place}{ABOUT}": json.dumps(about).encode()}
        with _told():
            Path(place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            written = {path: content for path, content in files.items() if content is not None}
            _draft(written)
            for path in written:
                Path(f"{path}{DRAFT}").replace(path)
            stored["body"] = None  # it is read from its file from now on
            base = Path(s3.DATA_DIR, s3.get_account_id(), bucket)
            s3._remove_key_files(s3._other_key_disk_path(str(base), key, place))

    @wraps(s3, "_atomic_write")
    def _atomic_write(write: Any, path: str, data: Any, **options: Any) -> None:
        with _told():
            write(path, data, **options)

    @wraps(s3, "_persist_displaced_version")
    def _persist_displaced_version(persist: Any, bucket: str, key: str, prior: Any, versioning: str) -> None:
        place = prior and s3._version_disk_path(bucket, key, prior.get("version_id") or "null")
        if place:
            with _told():
                Path(place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if versioning == "Suspended":
            _put_aside(s3._version_disk_path(bucket, key, "null"))
        persist(bucket, key, prior, versioning)

    object_writes.install()


def _put_aside(place: str | None) -> None:
    """Keep, until it is known whether the request fails, what upstream is about to delete."""
    if place and (under_way := writes.get()):
        under_way.put_aside(Path(place))


def _draft(files: dict[str, bytes]) -> None:
    """Write a draft beside each file, or none of them: what is not used would take the room that is needed."""
    try:
        for path, content in files.items():
            _write(f"{path}{DRAFT}", content)
    except OSError:
        for path in files:
            Path(f"{path}{DRAFT}").unlink(missing_ok=True)
        raise


def _write(path: str, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
