"""Keep memory and disk the same when an object could not be written: memory is then read from disk again.

Upstream changes memory first: an object that was refused is shown, and is taken for what the next write displaces. So
what was acknowledged before would be kept nowhere.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ministack.services import s3

from harness.localaws.object_drafts import ABOUT, DRAFT
from harness.localaws.patching import wraps

_STORES = (s3._object_tags, s3._object_acl, s3._object_annotations)


@dataclass(slots=True)
class Writes:
    """Objects that a request writes.

    Attributes:
        failures: to write files.
    """

    failures: list[OSError] = field(default_factory=list)
    _keys: set[tuple[str, str, str]] = field(default_factory=set)
    _aside: dict[Path, Path] = field(default_factory=dict)

    def note(self, bucket: str, key: str) -> None:
        """Note that the request writes an object."""
        self._keys.add((s3.get_account_id(), bucket, key))

    def put_aside(self, path: Path) -> None:
        """Move a file away that is about to be deleted, until it is known whether the request fails."""
        if path.is_file():
            self._aside[path] = path.replace(path.with_name(f"{path.name}.aside{DRAFT}"))

    def end(self) -> None:
        """Put files and memory back as they were, where the request failed, and forget what it wrote."""
        for path, aside in self._aside.items():
            if self.failures and not path.exists():
                aside.replace(path)
            else:
                aside.unlink(missing_ok=True)
        for account, bucket, key in self._keys if self.failures else ():
            _read_again(account, bucket, key)
        self._aside.clear()
        self._keys.clear()


writes: ContextVar[Writes | None] = ContextVar("writes", default=None)
"""Holds the writes of the request that is being served; None where none is."""


def _read_again(account: str, bucket: str, key: str) -> None:
    """Read an object, its versions, tags and so on from disk, as a start does."""
    if (found := s3._buckets._data.get((account, bucket))) is None:
        return
    found["objects"].pop(key, None)
    s3._object_versions._data.pop((account, (bucket, key)), None)
    for store in _STORES:
        for scope in [one for one in store._data if (one[0], *one[1][:2]) == (account, bucket, key)]:
            del store._data[scope]
    folder = os.path.join(s3.DATA_DIR, account, bucket)  # noqa: PTH118 - as upstream makes it
    if os.path.isdir(folder):  # noqa: PTH112
        with _only(folder, key):
            s3._load_persisted_bucket(account, bucket, folder)


@contextmanager
def _only(folder: str, key: str) -> Iterator[None]:
    """Let upstream's reading of a bucket find the files of one object."""
    place, find = s3._key_disk_path(folder, key), s3._persisted_key_files

    def files(_: Any, sidecars: bool) -> Iterator[tuple[str, str]]:
        path = f"{place}{ABOUT}" if sidecars else place
        if place and os.path.isfile(path):  # noqa: PTH113
            yield path, key

    s3._persisted_key_files = files
    try:
        yield
    finally:
        s3._persisted_key_files = find


def install() -> None:
    """Note each object that a request writes, before anything of it can fail."""
    for name in ("_maybe_replicate", "_persist_object", "_persist_displaced_version", "_persist_delete_marker"):

        @wraps(s3, name)
        def _write(write: Any, bucket: str, key: str, *rest: Any, **named: Any) -> Any:
            if under_way := writes.get():
                under_way.note(bucket, key)
            return write(bucket, key, *rest, **named)

    @wraps(s3, "_complete_multipart_upload")
    def _complete_multipart_upload(complete: Any, bucket: str, key: str, body: Any, query: Any, *rest: Any) -> Any:
        uploads, upload_id = s3._multipart_uploads, s3._qp(query, "uploadId")
        upload = uploads.get(upload_id)
        try:
            return complete(bucket, key, body, query, *rest)
        except OSError:
            if upload is not None:
                uploads[upload_id] = upload
            raise
