"""The local AWS encrypts objects as S3 does: what a request asks for comes before the bucket's default.

No gap: both halves hold upstream. The proof over states (``tests/local/test_state_encryption.py``) rests on it.
From AWS: "Setting default server-side encryption behavior for Amazon S3 buckets", Amazon S3 User Guide: the default
"applies to all new objects" that come without encryption information in their headers; and "Using server-side
encryption with AWS KMS keys (SSE-KMS)", its policy that refuses uploads by ``s3:x-amz-server-side-encryption``.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator

_KMS = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]}
_HEADER = "s3:x-amz-server-side-encryption"


def _bucket(emulator: Emulator, name: str) -> Any:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=_KMS)
    return s3


def _writer(emulator: Emulator) -> Any:
    """A client of a user who may do everything in S3: upstream asks no policy for the account's own keys."""
    iam = emulator.client("iam")
    iam.create_user(UserName="writer")
    every = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [every]})
    iam.put_user_policy(UserName="writer", PolicyName="all", PolicyDocument=document)
    key = iam.create_access_key(UserName="writer")["AccessKey"]
    return boto3.client(
        "s3",
        endpoint_url=emulator.local.endpoint,
        region_name="eu-west-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
    )


@pytest.mark.parametrize(("asked", "kept"), [({}, "aws:kms"), ({"ServerSideEncryption": "AES256"}, "AES256")])
def test_what_is_asked_for_comes_before_the_default(filled: Emulator, asked: dict[str, str], kept: str) -> None:
    name = f"encrypted-{len(asked)}"
    s3 = _bucket(filled, name)
    s3.put_object(Bucket=name, Key="k", Body=b"v", **asked)
    assert s3.head_object(Bucket=name, Key="k")["ServerSideEncryption"] == kept


def test_a_policy_refuses_another_encryption_than_it_names(filled: Emulator) -> None:
    s3 = _bucket(filled, "refusing")
    refused = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::refusing/*",
        "Condition": {"StringNotEquals": {_HEADER: "aws:kms"}, "Null": {_HEADER: "false"}},
    }
    s3.put_bucket_policy(Bucket="refusing", Policy=json.dumps({"Version": "2012-10-17", "Statement": [refused]}))
    writer = _writer(filled)
    writer.put_object(Bucket="refusing", Key="k", Body=b"v")
    with pytest.raises(ClientError, match="AccessDenied"):
        writer.put_object(Bucket="refusing", Key="k", Body=b"v", ServerSideEncryption="AES256")
