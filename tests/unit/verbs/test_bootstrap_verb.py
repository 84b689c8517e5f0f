"""The state bucket: made once, prepared every time, and one clear error where AWS refuses or is silent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import botocore.exceptions
import pytest

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.verbs.bootstrap import ensure_bucket

PREPARED = ["versioned", "encrypted by aws:kms", "cleaned up"]


class Buckets:
    """An account whose answer to a new bucket is known."""

    def __init__(self, error: Exception | None) -> None:
        self.error, self.done = error, list[str]()

    def create_bucket(self, **_: Any) -> None:
        if self.error is not None:
            raise self.error
        self.done.append("created")

    def put_bucket_versioning(self, **_: Any) -> None:
        self.done.append("versioned")

    def put_bucket_encryption(self, *, ServerSideEncryptionConfiguration: dict[str, Any], **_: Any) -> None:
        (rule,) = ServerSideEncryptionConfiguration["Rules"]
        self.done.append(f"encrypted by {rule['ApplyServerSideEncryptionByDefault']['SSEAlgorithm']}")

    def put_bucket_lifecycle_configuration(self, **_: Any) -> None:
        self.done.append("cleaned up")


def ensure(buckets: Buckets) -> list[str]:
    ensure_bucket(cast(Aws, SimpleNamespace(region="eu-west-1", client=lambda _: buckets)), "states")
    return buckets.done


def refusal(code: str) -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateBucket")


def test_a_bucket_of_ours_is_prepared_again() -> None:
    assert ensure(Buckets(None)) == ["created", *PREPARED]
    assert ensure(Buckets(refusal("BucketAlreadyOwnedByYou"))) == PREPARED


@pytest.mark.parametrize(
    "error",
    [refusal("BucketAlreadyExists"), botocore.exceptions.EndpointConnectionError(endpoint_url="https://nowhere")],
)
def test_a_refusal_and_a_silence_are_told(error: Exception) -> None:
    buckets = Buckets(error)
    with pytest.raises(HarnessError, match=r"^cannot create the state bucket states: .* -> check the credentials"):
        ensure(buckets)
    assert buckets.done == []
