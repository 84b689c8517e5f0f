"""Probe of gap_log_group_key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator

_GROUPS = "arn:aws:logs:eu-west-1:000000000000:log-group:"


def _key(emulator: Emulator, *statements: dict[str, Any]) -> str:
    root = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "kms:*"}
    policy = {"Version": "2012-10-17", "Statement": [{**root, "Resource": "*"}, *statements]}
    return str(emulator.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"])


def _grant(group: str, region: str = "eu-west-1") -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": [_GROUPS + group]}},
    }


def test_stock_still_takes_a_key_that_grants_nothing(stock: Emulator) -> None:
    logs = stock.client("logs")
    logs.create_log_group(logGroupName="/ungranted", kmsKeyId=_key(stock))
    found = logs.describe_log_groups(logGroupNamePrefix="/ungranted")["logGroups"]
    assert found, "upstream asks the key's policy: delete gap_log_group_key"


def test_a_granting_key_is_taken(filled: Emulator) -> None:
    key = _key(filled, _grant("/granted*"))
    filled.client("logs").create_log_group(logGroupName="/granted", kmsKeyId=key)
    [group] = filled.client("logs").describe_log_groups(logGroupNamePrefix="/granted")["logGroups"]
    assert group["kmsKeyId"] == key


@pytest.mark.parametrize("statements", [[], [_grant("/other")], [_grant("/refused", "eu-west-2")]])
def test_another_key_is_refused(filled: Emulator, statements: list[dict[str, Any]]) -> None:
    with pytest.raises(ClientError, match="not allowed to be used"):
        filled.client("logs").create_log_group(logGroupName="/refused", kmsKeyId=_key(filled, *statements))
