"""Versions of a stack's state object: listed, compared, and one of them made the newest again.

The bucket keeps every version for 90 days (``harness.verbs.bootstrap``), also of an object that was deleted.
"""

import getpass
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import botocore.exceptions

from harness.aws.missing import refusing
from harness.base.errors import HarnessError
from harness.base.options import wrong
from harness.operate.instances import instances_of
from harness.terraform.state import State, parse_state

_READ = 40


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the state object.

    Attributes:
        version_id: S3's id.
        made: when, UTC.
        newest: whether it is what Terraform reads.
        deleted: whether it is the mark of a deletion.
        serial: Terraform's count of changes; -1 when the content is no state.
        foreign: by which name it is another stack's; empty: by none.
        lineage: which state it is a version of; ``""`` when the content is no state.
        resources: a digest of each resource instance, by address.
    """

    version_id: str
    made: datetime
    newest: bool
    deleted: bool
    serial: int
    lineage: str
    resources: Mapping[str, str]
    foreign: str = ""

    @property
    def usable(self) -> bool:
        """Tell whether Terraform could go on with it."""
        return self.serial >= 0 and not self.foreign

    def line(self) -> str:
        """Write one line for a person."""
        kind = "deleted" if self.deleted else "damaged: not a state" if self.serial < 0 else self.foreign
        held = kind or f"serial {self.serial}, {len(self.resources)} resources"
        return f"{self.version_id}  {self.made:%Y-%m-%dT%H:%M:%SZ}  {held}{'  (newest)' if self.newest else ''}"


@dataclass(frozen=True, slots=True)
class Change:
    """Changes that restoring a version makes in the state, by resource address."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def versions(state: State, wanted: str = "") -> tuple[Version, ...]:
    """Read the newest versions, newest first, and the ``wanted`` one however old.

    Raises:
        HarnessError: the bucket cannot be read.
    """
    client = state.aws.client("s3")
    with refusing(f"cannot list versions of {state.key}", "check the permissions"):
        entries = sorted(_entries(client, state), key=lambda entry: (entry["IsLatest"], entry["LastModified"]))[::-1]
        # An apply leaves a version every second: only the newest are read.
        chosen = entries[:_READ] + [entry for entry in entries[_READ:] if entry["VersionId"] == wanted]
        found = [_version(state, entry, _content(client, state, entry)) for entry in chosen]
    # Several within one second: the newest first, then by serial.
    return tuple(sorted(found, key=lambda version: (version.newest, version.made, version.serial), reverse=True))


def _entries(client: Any, state: State) -> Iterator[Mapping[str, Any]]:
    for page in client.get_paginator("list_object_versions").paginate(Bucket=state.bucket, Prefix=state.key):
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if entry["Key"] == state.key:  # the lock object and release records share the prefix
                yield entry


def choose(known: tuple[Version, ...], version_id: str, key: str, lineage: str) -> Version:
    """Choose the version a person named, or the usable one with the highest serial for ``last``.

    Args:
        lineage: what a version has to be of; empty: nobody knows.

    Raises:
        UsageError: there is no such version, it is no state, or a state of something else.
    """
    usable = [version for version in known if version.usable and lineage in ("", version.lineage)]
    chosen = max(usable, key=lambda version: version.serial) if version_id == "last" and usable else None
    chosen = chosen or next((version for version in known if version.version_id == version_id), None)
    if chosen is None:
        raise wrong("VERSION", version_id, f"is not a version of {key}", "leave VERSION out to list them")
    if not chosen.usable:
        raise wrong(
            "VERSION", version_id, f"of {key} is damaged, a deletion or another stack's", "choose one with a serial"
        )
    if lineage not in ("", chosen.lineage):
        raise wrong(
            "VERSION",
            version_id,
            f"belongs to another state (lineage {chosen.lineage})",
            f"choose one of lineage {lineage}",
        )
    return chosen


def difference(current: Version, chosen: Version) -> Change:
    """List what the state would gain, lose and take back; by address."""
    now, then = current.resources, chosen.resources
    return Change(
        tuple(sorted(then.keys() - now.keys())),
        tuple(sorted(now.keys() - then.keys())),
        tuple(sorted(address for address in now.keys() & then.keys() if now[address] != then[address])),
    )


def restore(state: State, chosen: Version, known: tuple[Version, ...]) -> int:
    """Write the chosen version as the newest, under Terraform's own lock; returns its serial.

    The serial goes above every known one, so that a plan saved before is stale and Terraform says so.

    Raises:
        HarnessError: somebody holds the lock, or AWS refuses.
    """
    client = state.aws.client("s3")
    serial = max(version.serial for version in known) + 1
    with _locked(state, client):
        document = json.loads(_content(client, state, {"VersionId": chosen.version_id, "Size": 0}) or b"")
        body = json.dumps({**document, "serial": serial}, indent=2).encode() + b"\n"
        with refusing(f"cannot write the state {state.key}", "check the permissions"):
            client.put_object(Bucket=state.bucket, Key=state.key, Body=body, ContentType="application/json")
    return serial


@contextmanager
def _locked(state: State, client: Any) -> Iterator[None]:
    """Hold Terraform's lock: the object beside the state, created only if there is none."""
    info = {
        "ID": str(uuid.uuid4()),
        "Operation": "OperationTypeRestore",
        "Info": "",
        "Who": f"{getpass.getuser()}@{os.uname().nodename}",
        "Version": "",
        "Created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Path": f"{state.bucket}/{state.key}",
    }
    lock = {"Bucket": state.bucket, "Key": f"{state.key}.tflock"}
    try:
        client.put_object(**lock, Body=json.dumps(info).encode(), IfNoneMatch="*")
    except botocore.exceptions.ClientError as error:
        holder = state.lock()
        held = f"held by {holder.who} since {holder.created}" if holder else str(error)
        raise HarnessError(
            f"the state is locked, {held}", "wait for that run to end; if it is dead see docs/runbooks/stuck-lock.md"
        ) from error
    try:
        yield
    finally:
        client.delete_object(**lock)


def _content(client: Any, state: State, entry: Mapping[str, Any]) -> bytes | None:
    """Read the bytes of a version; ``None`` for the mark of a deletion, which alone has no size."""
    if "Size" not in entry:
        return None
    answer = client.get_object(Bucket=state.bucket, Key=state.key, VersionId=entry["VersionId"])
    return bytes(answer["Body"].read())


def _version(state: State, entry: Mapping[str, Any], data: bytes | None) -> Version:
    document = parse(data) if data is not None else None
    return Version(
        version_id=entry["VersionId"],
        made=entry["LastModified"].astimezone(UTC),
        newest=bool(entry["IsLatest"]),
        deleted=data is None,
        serial=int(document["serial"]) if document else -1,
        lineage=str(document["lineage"]) if document else "",
        resources={
            one.address: json.dumps(one.attributes, sort_keys=True)
            for one in (instances_of(document) if document else ())
        },
        foreign=state.foreign(document) if document else "",
    )


def parse(data: bytes) -> Mapping[str, Any] | None:
    """Parse the state in ``data``; ``None`` when it is truncated, something else, or of another Terraform."""
    try:
        return parse_state(data)
    except ValueError:
        return None
