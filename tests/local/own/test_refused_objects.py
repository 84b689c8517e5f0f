"""After an S3 write that was refused for want of room, memory is as the disk is, and nothing acknowledged is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator
from tests.support.durability import killed, limit_files, start, stop_what_is_left

_FULL = 1 << 20  # bytes that a file may have on the disk that is full
_LARGE = b"x" * (2 * _FULL)
_PLAIN, _KEPT = "plain", "versions"


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    emulator = start(tmp_path)
    s3 = emulator.client("s3")
    for bucket in (_PLAIN, _KEPT):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=_KEPT, VersioningConfiguration={"Status": "Enabled"})
    yield emulator
    stop_what_is_left(tmp_path)


def _refused(emulator: Emulator, operation: str, **arguments: Any) -> None:
    """Let an operation be refused for want of room, then make room."""
    limit_files(emulator.local.pid, _FULL)
    with pytest.raises(ClientError) as refused:
        getattr(emulator.client("s3"), operation)(**arguments)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500, refused.value
    limit_files(emulator.local.pid)


def _body(emulator: Emulator, bucket: str, key: str, **version: str) -> bytes:
    body: bytes = emulator.client("s3").get_object(Bucket=bucket, Key=key, **version)["Body"].read()
    return body


def _versions(emulator: Emulator, key: str) -> dict[str, bytes]:
    """Read all versions of an object, by their ids, the newest first."""
    listed = emulator.client("s3").list_object_versions(Bucket=_KEPT, Prefix=key).get("Versions", [])
    return {one["VersionId"]: _body(emulator, _KEPT, key, VersionId=one["VersionId"]) for one in listed}


@pytest.mark.parametrize("first", [_LARGE, b"first"])
def test_a_version_is_kept_when_the_next_one_is_refused(emulator: Emulator, first: bytes) -> None:
    """A large first one cannot be put aside, beside a small one the second cannot be written."""
    s3 = emulator.client("s3")
    one = s3.put_object(Bucket=_KEPT, Key="state", Body=first)["VersionId"]
    s3.put_object_tagging(Bucket=_KEPT, Key="state", Tagging={"TagSet": [{"Key": "kept", "Value": "yes"}]})
    _refused(emulator, "put_object", Bucket=_KEPT, Key="state", Body=_LARGE, Tagging="kept=no")
    assert _versions(emulator, "state") == {one: first}
    assert s3.get_object_tagging(Bucket=_KEPT, Key="state")["TagSet"] == [{"Key": "kept", "Value": "yes"}]
    three = s3.put_object(Bucket=_KEPT, Key="state", Body=b"third")["VersionId"]
    assert list(_versions(emulator, "state").items()) == [(three, b"third"), (one, first)]
    again = killed(emulator.local)
    assert list(_versions(again, "state").items()) == [(three, b"third"), (one, first)]


def test_a_refused_delete_marker_hides_nothing(emulator: Emulator) -> None:
    one = emulator.client("s3").put_object(Bucket=_KEPT, Key="state", Body=_LARGE)["VersionId"]
    _refused(emulator, "delete_object", Bucket=_KEPT, Key="state")
    assert _body(emulator, _KEPT, "state") == _LARGE
    assert _versions(killed(emulator.local), "state") == {one: _LARGE}


def test_the_null_version_is_kept_when_the_next_one_is_refused(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.put_object(Bucket=_PLAIN, Key="state", Body=b"null")
    _version(s3, "Enabled")
    one = s3.put_object(Bucket=_PLAIN, Key="state", Body=b"one")["VersionId"]
    _version(s3, "Suspended")
    _refused(emulator, "put_object", Bucket=_PLAIN, Key="state", Body=_LARGE)
    assert list(emulator.local.state_dir.rglob("*.tmp")) == [], "what was put aside is back"
    for again in (False, True):
        server = killed(emulator.local) if again else emulator
        assert _body(server, _PLAIN, "state", VersionId="null") == b"null"
        assert _body(server, _PLAIN, "state", VersionId=one) == _body(server, _PLAIN, "state") == b"one"


def _version(s3: Any, status: str) -> None:
    s3.put_bucket_versioning(Bucket=_PLAIN, VersioningConfiguration={"Status": status})


def test_a_refused_object_is_neither_served_nor_in_the_way(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.put_object(Bucket=_PLAIN, Key="state", Body=b"old")
    s3.put_object(Bucket=_PLAIN, Key="other", Body=b"other")
    _refused(emulator, "put_object", Bucket=_PLAIN, Key="state", Body=_LARGE)
    _refused(emulator, "put_object", Bucket=_PLAIN, Key="lock", Body=_LARGE, IfNoneMatch="*")
    assert list(emulator.local.state_dir.rglob("*.tmp")) == [], "what is not used takes no room"
    assert _body(emulator, _PLAIN, "state") == b"old"
    s3.put_object(Bucket=_PLAIN, Key="lock", Body=b"held", IfNoneMatch="*")
    again = killed(emulator.local)
    listed = again.client("s3").list_objects_v2(Bucket=_PLAIN)["Contents"]
    found = {one["Key"]: _body(again, _PLAIN, one["Key"]) for one in listed}
    assert found == {"state": b"old", "other": b"other", "lock": b"held"}


def test_annotations_are_kept_when_the_next_object_is_refused(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.put_object(Bucket=_PLAIN, Key="state", Body=b"old")
    s3.put_object_annotation(Bucket=_PLAIN, Key="state", AnnotationName="note", AnnotationPayload=b"kept")
    _refused(emulator, "put_object", Bucket=_PLAIN, Key="state", Body=_LARGE)
    for again in (False, True):
        server = killed(emulator.local) if again else emulator
        [found] = server.client("s3").list_object_annotations(Bucket=_PLAIN, Key="state")["Annotations"]
        assert found["AnnotationName"] == "note"


def test_a_refused_upload_can_be_completed_again(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    upload = s3.create_multipart_upload(Bucket=_PLAIN, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=_PLAIN, Key="parts", UploadId=upload, PartNumber=1, Body=_LARGE)["ETag"]
    asked = {
        "Bucket": _PLAIN,
        "Key": "parts",
        "UploadId": upload,
        "MultipartUpload": {"Parts": [{"ETag": part, "PartNumber": 1}]},
    }
    _refused(emulator, "complete_multipart_upload", **asked)
    s3.complete_multipart_upload(**asked)
    assert _body(killed(emulator.local), _PLAIN, "parts") == _LARGE
