"""Conditions compare as AWS compares them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.iam_conditions import DEPUTY, OPERATORS, guarded, holds, like, operator

ACCOUNT, ARN = "123456789012", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"
REQUEST = {"aws:sourceaccount": (ACCOUNT,), "aws:sourcearn": (ARN,), "aws:securetransport": ("true",),
           "aws:tagkeys": ("Owner", "Project")}  # fmt: skip


@pytest.mark.parametrize(
    ("test", "key", "values", "expected"),
    [
        ("StringEquals", "aws:SourceAccount", ACCOUNT, True),
        ("StringEquals", "AWS:SOURCEACCOUNT", ACCOUNT, True),
        ("StringEquals", "aws:SourceAccount", ["1", ACCOUNT], True),
        ("StringEquals", "aws:SourceAccount", "1*", False),
        ("StringEquals", "aws:SourceAccount", [], False),
        ("StringLike", "aws:SourceAccount", "12345678901?", True),
        ("StringLike", "aws:SourceAccount", "[1]*", False),
        ("StringNotEquals", "aws:SourceAccount", ACCOUNT, False),
        ("StringNotEquals", "aws:SourceAccount", ["1", ACCOUNT], False),
        ("StringNotEquals", "aws:SourceAccount", "1", True),
        ("StringNotLike", "aws:SourceAccount", "1*", False),
        ("StringEqualsIgnoreCase", "aws:SourceArn", ARN.upper(), True),
        ("StringEquals", "aws:SourceArn", ARN.upper(), False),
        ("ArnLike", "aws:SourceArn", "arn:aws:cloudwatch:*:123456789012:alarm:*", True),
        ("ArnEquals", "aws:SourceArn", "arn:aws:cloudwatch:*:123456789012:alarm:*", True),
        ("ArnLike", "aws:SourceArn", "arn:*:alarm:a", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:*:123456789012:*:a", False),
        ("StringLike", "aws:SourceArn", "arn:aws:*:123456789012:*:a", True),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:cloudwatch:*:*:alarm:*", False),
        ("Bool", "aws:SecureTransport", "True", True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("Null", "aws:SourceAccount", "false", True),
        ("Null", "aws:SourceAccount", "true", False),
        ("Null", "aws:SourceVpc", "true", True),
        ("Null", "aws:SourceVpc", "false", False),
        # The key is absent.
        ("StringEquals", "aws:SourceVpc", "v", False),
        ("StringEqualsIfExists", "aws:SourceVpc", "v", True),
        ("StringNotEquals", "aws:SourceVpc", "v", True),
        ("ForAllValues:StringEquals", "aws:SourceVpc", "v", True),
        ("ForAnyValue:StringEquals", "aws:SourceVpc", "v", False),
        ("ForAnyValue:StringNotEquals", "aws:SourceVpc", "v", False),
        ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", True),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", False),
        # Several values.
        ("ForAllValues:StringLike", "aws:TagKeys", ["O*", "P*"], True),
        ("ForAllValues:StringLike", "aws:TagKeys", ["O*"], False),
        ("ForAnyValue:StringLike", "aws:TagKeys", ["O*"], True),
        ("ForAnyValue:StringNotLike", "aws:TagKeys", ["O*"], True),
        ("ForAllValues:StringNotLike", "aws:TagKeys", ["O*"], False),
        # Not compared here, or unknown to AWS.
        ("NumericEquals", "aws:SourceAccount", ACCOUNT, False),
        ("StringIs", "aws:SourceAccount", ACCOUNT, False),
        ("StringEqualsIfExist", "aws:SourceVpc", "v", False),
    ],
)
def test_a_condition_holds_for_a_request(test: str, key: str, values: Any, expected: bool) -> None:
    listed = [values] if isinstance(values, str) else values
    assert holds({test: {key: listed}}, REQUEST) is expected


def test_every_condition_has_to_hold() -> None:
    right, wrong = {"aws:SourceAccount": [ACCOUNT]}, {"aws:SourceAccount": ["1"]}
    assert holds({}, REQUEST)
    assert holds({"StringEquals": right, "StringLike": right}, REQUEST)
    assert not holds({"StringEquals": right, "StringLike": wrong}, REQUEST)
    assert not holds({"StringEquals": {**right, "aws:SourceArn": ["x"]}}, REQUEST)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("StringEquals", ("", "StringEquals", False)),
        ("ForAllValues:ArnNotLikeIfExists", ("ForAllValues", "ArnNotLike", True)),
        ("ForAnyValue:DateLessThanEquals", ("ForAnyValue", "DateLessThanEquals", False)),
        ("Null", ("", "Null", False)),
        ("NullIfExists", None),
        ("ForAnyValue:Null", None),
        ("stringequals", None),
        ("ForSomeValue:StringEquals", None),
        ("IfExists", None),
        ("", None),
    ],
)
def test_operators(text: str, parts: tuple[str, str, bool] | None) -> None:
    found = operator(text)
    assert (None if found is None else (found.quantifier, found.name, found.if_exists)) == parts


def test_the_operators_are_those_of_the_user_guide() -> None:
    assert len(OPERATORS) == 27


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("aws:SourceAccount", ACCOUNT, True),
        ("aws:SourceAccount", "<aws_organizations_account.x.id>", True),
        ("aws:SourceAccount", "", False),
        ("aws:SourceArn", ARN, True),
        ("aws:SourceArn", "arn:aws:cloudwatch:*:123456789012:*", True),
        ("aws:SourceArn", "arn:aws:cloudwatch:*:*:alarm:a", False),
        ("aws:SourceArn", "arn:aws:s3:::bucket/*", True),
        ("aws:SourceArn", "arn:aws:s3:::b*", False),
        ("aws:SourceArn", "x", False),
        ("aws:SourceOrgPaths", "o-a1/r-b/*", True),
        ("aws:SourceOrgPaths", "o-*/r-b", False),
        ("kms:EncryptionContext:aws:sns:topicArn", ARN, True),
        ("kms:EncryptionContext:name", ACCOUNT, False),
        ("aws:SecureTransport", "true", False),
    ],
)
def test_a_guard_names_somebody(key: str, value: str, expected: bool) -> None:
    assert guarded({"StringLike": {key: [value]}}, DEPUTY) is expected


@given(text=st.text())
def test_wildcards_match_anything_and_a_plain_text_itself(text: str) -> None:
    assert like("*", text)
    assert like("?" * len(text), text)
    assert not like("?" * (len(text) + 1), text)
    plain = text.replace("*", "").replace("?", "")
    assert like(plain, plain)
    assert not like(plain, f"{plain}x")
