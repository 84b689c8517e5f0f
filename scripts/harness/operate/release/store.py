"""The object beside the state that holds the record of releases, so that every machine sees one that is half done."""

import json
from dataclasses import asdict, fields

import msgspec

from harness.aws.missing import error_code, refusing, unless_missing
from harness.base.errors import HarnessError
from harness.base.stored import read_json
from harness.operate.release.record import Record
from harness.terraform.state import State
from harness.typed.known_types import known

_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412"}


class RecordStore:
    """The object that holds a :class:`Record`. Written only as it was read: of two releases, one is told."""

    def __init__(self, state: State) -> None:
        """Beside ``state``, as ``release.json``."""
        self._where = {"Bucket": state.bucket, "Key": _key(state)}
        self._s3 = state.aws.client("s3")
        self._tag = ""

    def load(self) -> Record:
        """Read the record; an empty one before the first release.

        Raises:
            HarnessError: it cannot be read, or is no record.
        """
        asked = (f"cannot read {self._where['Key']}", "check the bucket's permissions")
        answer = unless_missing(lambda: self._s3.get_object(**self._where), *asked)
        if answer is None:
            return Record()
        self._tag = answer["ETag"]
        try:
            return record_of(answer["Body"].read())
        except ValueError as error:
            raise HarnessError(
                f"{self._where['Key']} in {self._where['Bucket']} is no record of releases: {error}",
                "restore its last version in the bucket, or delete it: aliases stay where they are",
            ) from error

    def save(self, record: Record) -> None:
        """Write ``record``.

        Raises:
            HarnessError: somebody else wrote since it was read, or the bucket refuses.
        """
        condition = {"IfMatch": self._tag} if self._tag else {"IfNoneMatch": "*"}
        body = json.dumps(asdict(record), indent=1, sort_keys=True).encode()
        try:
            with refusing(f"cannot write {self._where['Key']}", "check the bucket's permissions"):
                answer = self._s3.put_object(**self._where, **condition, Body=body, ContentType="application/json")
        except HarnessError as error:
            if error_code(error.__cause__) not in _TAKEN:
                raise
            raise HarnessError("another release or rollback took over", "run it again to see where it is") from error
        self._tag = answer["ETag"]


def record_of(data: bytes) -> Record:
    """Read a record from its bytes.

    Raises:
        ValueError: they hold something else.
    """
    raw = read_json(data)
    wanted = {one.name for one in fields(Record)}
    # Each has a default, so a file of another shape would pass for a record of no release.
    if not isinstance(raw, dict) or raw.keys() != wanted:
        raise ValueError(f"it must hold {' and '.join(sorted(wanted))}")
    try:
        return msgspec.convert(raw, known(Record))
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def forget(state: State) -> None:
    """Delete the record: after a destroy the versions it speaks of are gone."""
    state.aws.client("s3").delete_object(Bucket=state.bucket, Key=_key(state))


def _key(state: State) -> str:
    return state.key.rpartition("/")[0] + "/release.json"
