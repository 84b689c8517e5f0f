"""Every object in the bucket of the states is encrypted as the bucket says, in every version ever written."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from tests.support.deployed import STATES, Deployed

from harness.operate.release.record import Record
from harness.operate.release.store import RecordStore, forget
from harness.terraform.state import State


def _encryption(s3: Any) -> dict[tuple[str, str], str]:
    """Read the encryption of every version of every object, by key and version."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=STATES)
    versions = [(one["Key"], one["VersionId"]) for page in pages for one in page.get("Versions", [])]
    return {
        (key, version): s3.head_object(Bucket=STATES, Key=key, VersionId=version).get("ServerSideEncryption", "none")
        for key, version in versions
    }


def test_states_locks_and_records_are_encrypted_as_the_bucket_says(aws: Any, deployments: dict[str, Deployed]) -> None:
    s3 = aws("s3")
    (rule,) = s3.get_bucket_encryption(Bucket=STATES)["ServerSideEncryptionConfiguration"]["Rules"]
    wanted = rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    assert wanted == "aws:kms"
    released = State(cast(Any, SimpleNamespace(client=aws)), STATES, "account/none/terraform.tfstate")
    RecordStore(released).save(Record())
    found = _encryption(s3)
    forget(released)
    assert {key.split("/")[0] for key, _ in found} == {"account", *deployments}
    assert {key.split("/")[-1] for key, _ in found} >= {"terraform.tfstate", "terraform.tfstate.tflock", "release.json"}
    assert {key: how for key, how in found.items() if how != wanted} == {}
