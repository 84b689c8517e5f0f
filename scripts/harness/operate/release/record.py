"""The record of releases: an object beside the state, so that every machine sees a release that is half done."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import botocore.exceptions
import psutil

from harness.base.errors import HarnessError
from harness.terraform.state import State

_MISSING = {"NoSuchKey", "NoSuchBucket", "404"}
_REMEMBERED = 50  # versions to go back to; more than anybody keeps
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412"}


@dataclass(frozen=True, slots=True)
class Process:
    """One process of one machine.

    Attributes:
        host: the machine.
        pid: process id there.
        started: its start time, seconds since the epoch: with ``pid`` it names one process for good.
    """

    host: str
    pid: int
    started: float

    def alive(self) -> bool:
        """Whether it runs; only its own machine can tell."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) < 1
        except psutil.NoSuchProcess:
            return False


def this_process() -> Process:
    """The process that asks."""
    return Process(os.uname().nodename, os.getpid(), psutil.Process().create_time())


def this_person() -> str:
    """``user@host``."""
    return f"{getpass.getuser()}@{os.uname().nodename}"


@dataclass(frozen=True, slots=True)
class Running:
    """A release that is under way, or was when its process died.

    Attributes:
        source: the version that served before.
        target: the version that is to serve.
        percent: the step that was being taken.
        back: why it is being taken back, ``""`` while it goes forward.
        who: ``user@host`` that runs it.
        process: the process that runs it.
        until: when it will next have written here, or be done; seconds since the epoch.
    """

    source: str
    target: str
    percent: int
    back: str
    who: str
    process: Process
    until: float

    def alive(self, here: str, now: float) -> bool:
        """Whether it can still be running, seen from the host ``here`` at the time ``now``."""
        return self.process.alive() if self.process.host == here else now < self.until


@dataclass(frozen=True, slots=True)
class Record:
    """What was released.

    Attributes:
        history: versions that served every request, in order; the last one does now.
        rejected: versions that were taken back -> why.
        running: the release under way, if any.
    """

    history: tuple[str, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)
    running: Running | None = None

    def seen(self, live: str) -> Record:
        """This record with ``live`` as the version that serves, whoever made it so."""
        return self if self.history[-1:] == (live,) else replace(self, history=(*self.history, live))

    def previous(self, versions: tuple[str, ...]) -> str:
        """The version to return to, of those that still exist; ``""`` when there is none."""
        live = self.history[-1] if self.history else ""
        return next((one for one in reversed(self.history) if one != live and one in versions), "")

    def finished(self) -> Record:
        """This record once its running release is done."""
        if self.running is None:
            return self
        target = self.running.target
        kept = {version: reason for version, reason in self.rejected.items() if version != target}
        return Record((*self.seen(self.running.source).history, target)[-_REMEMBERED:], kept)

    def taken_back(self, reason: str) -> Record:
        """This record once its running release is undone."""
        if self.running is None:
            return self
        source, target = self.running.source, self.running.target
        history = tuple(version for version in self.history if version != target)
        return Record(history, {**self.rejected, target: reason}).seen(source)


class RecordStore:
    """The object that holds a :class:`Record`. Written only as it was read: of two releases, one is told."""

    def __init__(self, state: State) -> None:
        """Beside ``state``, as ``release.json``."""
        self._where = {"Bucket": state.bucket, "Key": _key(state)}
        self._s3 = state.aws.client("s3")
        self._tag = ""

    def load(self) -> Record:
        """The record; an empty one before the first release.

        Raises:
            HarnessError: it cannot be read, or is damaged.
        """
        try:
            answer = self._s3.get_object(**self._where)
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return Record()
            raise HarnessError(
                f"cannot read {self._where['Key']}: {error}", "check the bucket's permissions"
            ) from error
        self._tag = answer["ETag"]
        try:
            return record_of(answer["Body"].read())
        except (ValueError, TypeError, KeyError) as error:
            raise HarnessError(
                f"{self._where['Key']} is damaged", "restore its last version in the bucket, or delete it"
            ) from error

    def save(self, record: Record) -> None:
        """Write ``record``.

        Raises:
            HarnessError: somebody else wrote since it was read, or the bucket refuses.
        """
        condition = {"IfMatch": self._tag} if self._tag else {"IfNoneMatch": "*"}
        body = json.dumps(asdict(record), indent=1, sort_keys=True).encode()
        try:
            answer = self._s3.put_object(**self._where, **condition, Body=body, ContentType="application/json")
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                raise HarnessError(
                    "another release or rollback took over", "run it again to see where it is"
                ) from error
            raise HarnessError(
                f"cannot write {self._where['Key']}: {error}", "check the bucket's permissions"
            ) from error
        self._tag = answer["ETag"]


def record_of(data: bytes) -> Record:
    """Read a record.

    Raises:
        ValueError, TypeError, KeyError: it is not one.
    """
    raw: dict[str, Any] = json.loads(data)
    running = raw["running"]
    if running is not None:
        running = Running(**{**running, "process": Process(**running["process"])})
    return Record(tuple(raw["history"]), dict(raw["rejected"]), running)


def forget(state: State) -> None:
    """Delete the record: after a destroy the versions it speaks of are gone."""
    state.aws.client("s3").delete_object(Bucket=state.bucket, Key=_key(state))


def _key(state: State) -> str:
    return state.key.rpartition("/")[0] + "/release.json"
