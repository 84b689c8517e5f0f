"""Probe of gap_secure_transport."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator, allow, as_role

_BUCKET = "over-tls"


def _read(emulator: Emulator, **headers: str) -> str:
    """Read an object of a bucket that refuses plain HTTP, as a role; the code of AWS's error."""
    s3: Any = emulator.client("s3")
    s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=_BUCKET, Key="k", Body=b"v")
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{_BUCKET}/*"}
    s3.put_bucket_policy(Bucket=_BUCKET, Policy=json.dumps({"Statement": [{**deny, "Condition": plain}]}))
    client = as_role(emulator, "-".join(["reader", *headers.values()]), allow("s3:*"))("s3")
    client.meta.events.register("before-send.s3", lambda request, **_: request.headers.update(headers))
    try:
        client.get_object(Bucket=_BUCKET, Key="k")
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_stock_still_takes_everybody_for_plain(stock: Emulator) -> None:
    assert _read(stock) == "AccessDenied", "upstream takes the local AWS for one over TLS: delete gap_secure_transport"


def test_a_request_counts_as_one_over_tls(filled: Emulator) -> None:
    assert _read(filled) == ""


def test_plain_can_be_had(filled: Emulator) -> None:
    filled.client("s3").delete_object(Bucket=_BUCKET, Key="k")
    filled.client("s3").delete_bucket(Bucket=_BUCKET)
    assert _read(filled, **{"x-forwarded-proto": "http"}) == "AccessDenied"
