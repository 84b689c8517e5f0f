"""The record keeps what releases need, and a file of another shape is one clear error."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any, cast

import botocore.exceptions
import pytest

from harness.base.errors import HarnessError
from harness.base.process import Process
from harness.operate.release.record import Line, Move, Record, Running, Served
from harness.operate.release.store import RecordStore, record_of
from harness.terraform.state import State

RUNNING = Running({"f": Move("1", "2")}, 10, "", True, "kay@here", Process("here", 1, 0.5), 2.5)
RECORD = Record({"f": Line((Served("1"), Served("2", 1)), {"3": "why"}), "g": Line()}, RUNNING)


class Bucket:
    """One object, written only as it was read."""

    def __init__(self, body: bytes = b"") -> None:
        self.body, self.tag = body, int(bool(body))

    def get_object(self, **asked: str) -> dict[str, Any]:
        assert asked == {"Bucket": "b", "Key": "env/suffix/release.json"}
        if not self.tag:
            raise botocore.exceptions.ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self.body), "ETag": str(self.tag)}

    def put_object(self, *, Body: bytes, IfMatch: str = "0", IfNoneMatch: str = "", **asked: str) -> dict[str, str]:
        if IfMatch != str(self.tag):
            raise botocore.exceptions.ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.body, self.tag = Body, self.tag + 1
        return {"ETag": str(self.tag)}


def store(bucket: Bucket) -> RecordStore:
    aws: Any = SimpleNamespace(client=lambda _: bucket)
    return RecordStore(cast(State, SimpleNamespace(aws=aws, bucket="b", key="env/suffix/terraform.tfstate")))


def test_a_record_is_read_as_it_was_written() -> None:
    bucket = Bucket()
    one = store(bucket)
    assert one.load() == Record()
    one.save(RECORD)
    assert store(bucket).load() == RECORD
    assert list(json.loads(bucket.body)["functions"]) == ["f", "g"]


def test_of_two_releases_one_is_told() -> None:
    bucket = Bucket()
    one, other = store(bucket), store(bucket)
    one.load(), other.load()
    one.save(RECORD)
    with pytest.raises(HarnessError, match="another release or rollback took over"):
        other.save(Record())


@pytest.mark.parametrize(
    "body",
    [
        {"history": ["1", "2"], "rejected": {}, "running": None},
        {"functions": {"f": {"history": ["1"]}}, "running": None},
        {"functions": {}, "running": {"source": "1", "target": "2"}},
        {"functions": {}},
        [],
        None,
    ],
)
def test_a_file_of_another_shape_is_one_clear_error(body: object) -> None:
    with pytest.raises(HarnessError) as refused:
        store(Bucket(json.dumps(body).encode())).load()
    told = str(refused.value)
    assert told.startswith("env/suffix/release.json in b is no record of releases: ")
    assert "-> restore its last version in the bucket, or delete it" in told
    assert "\n" not in told


@pytest.mark.parametrize("data", [b"", b"{", b"\xff"])
def test_what_is_no_json_is_no_record(data: bytes) -> None:
    with pytest.raises(ValueError):
        record_of(data)


@pytest.mark.parametrize(
    "error",
    [
        botocore.exceptions.ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"),
        botocore.exceptions.EndpointConnectionError(endpoint_url="https://nowhere"),
    ],
)
def test_a_refusal_and_a_silence_are_no_other_release(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> dict[str, str]:
        raise error

    monkeypatch.setattr(Bucket, "put_object", refuse)
    with pytest.raises(
        HarnessError,
        match=r"^cannot write env/suffix/release\.json: .* -> (check the|nobody listens)",
    ):
        store(Bucket()).save(RECORD)
