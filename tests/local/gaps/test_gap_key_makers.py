"""Probe of gap_key_makers."""

from __future__ import annotations

import json
from typing import Any

from tests.local.gaps.conftest import Emulator, allow, as_role, refused

_ROOT = "arn:aws:iam::000000000000:root"


def _policy(principal: str, *actions: str) -> str:
    statement = {"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _maker(emulator: Emulator, name: str, *statements: Any) -> Any:
    return as_role(emulator, f"key-{name}", allow("kms:CreateKey"), *statements)("kms")


def test_stock_still_lets_anybody_make_a_key(stock: Emulator) -> None:
    assert refused(_maker(stock, "makes").create_key) == "", "upstream asks: delete gap_key_makers"


def test_who_makes_a_key_may_change_its_policy_by_iam(filled: Emulator) -> None:
    assert refused(_maker(filled, "makes").create_key) == "kms:PutKeyPolicy"
    assert refused(_maker(filled, "makes-own").create_key, Policy=_policy(_ROOT, "kms:*")) == "kms:PutKeyPolicy"
    change = allow("kms:PutKeyPolicy", sid="Change")
    assert refused(_maker(filled, "makes-and-changes", change).create_key) == ""
    assert refused(filled.client("kms").create_key) == ""


def test_a_policy_that_names_who_makes_the_key_is_enough(filled: Emulator) -> None:
    maker, role = _maker(filled, "named"), "arn:aws:iam::000000000000:role/key-named"
    assert refused(maker.create_key, Policy=_policy(role, "kms:Decrypt")) == "kms:PutKeyPolicy"
    assert refused(maker.create_key, Policy=_policy(role, "kms:PutKeyPolicy")) == ""


def test_the_check_can_be_passed_by(filled: Emulator) -> None:
    assert refused(_maker(filled, "bypasses").create_key, BypassPolicyLockoutSafetyCheck=True) == ""
