"""Documents for the IAM linter: known ones, those that a plan shows in another place, and those it does not show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.support.builder import Res, plan, policy

from harness.plan import SENSITIVE, UNKNOWN
from harness.scan.documents import documents

READ = {"sid": "One", "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"], "principals": [],
        "condition": [{"test": "StringEquals", "variable": "aws:PrincipalAccount", "values": ["1"]}]}  # fmt: skip
MADE = Res("aws_iam_role_policy.x", {"policy": UNKNOWN}, refs={"policy": ["data.aws_iam_policy_document.x.json"]})
KNOWN = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})


def source(**values: Any) -> Res:
    statement = {**READ, **values}
    return Res("data.aws_iam_policy_document.x", {"statement": [statement], "json": UNKNOWN}, action="read",
               written={"statement": ...})  # fmt: skip


def texts(*resources: Res) -> list[tuple[str, str, str]]:
    return [(one["attribute"], one["kind"], one["text"]) for one in documents("dev", plan(*resources))]


def test_an_unknown_document_is_written_as_its_data_source_has_it() -> None:
    ((name, kind, text),) = texts(MADE, source())
    assert (name, kind) == ("policy", "identity")
    assert json.loads(text)["Statement"] == [
        {"Sid": "One", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"],
         "Condition": {"StringEquals": {"aws:PrincipalAccount": ["1"]}}}
    ]  # fmt: skip


def test_a_denial_stays_one() -> None:
    ((_, _, text),) = texts(MADE, source(effect="Deny"))
    assert json.loads(text)["Statement"][0]["Effect"] == "Deny"


@pytest.mark.parametrize(
    "changes",
    [
        {"resources": [UNKNOWN]},
        {"actions": UNKNOWN},
        {"not_actions": ["s3:Get*"]},
        {"principals": [{"type": "AWS", "identifiers": ["*"]}]},
        {"principals": [{"type": "Service", "identifiers": ["x"]}]},
    ],
)
def test_one_of_which_a_part_is_not_shown_is_empty(changes: dict[str, Any]) -> None:
    assert texts(MADE, source(**changes)) == [("policy", "identity", "")]


def test_an_arn_that_a_resource_will_have_is_not_shown() -> None:
    block = [{"resources": {"references": ["aws_s3_bucket.b.arn"]}}]
    made = replace(source(resources=[UNKNOWN]), written={"statement": block})
    assert texts(MADE, made, Res("aws_s3_bucket.b", {"arn": UNKNOWN})) == [("policy", "identity", "")]


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (Res("aws_sns_topic.x", {"policy": KNOWN}), [("policy", "resource", KNOWN)]),
        (Res("aws_iam_role.x", {"assume_role_policy": KNOWN}), [("assume_role_policy", "trust", KNOWN)]),
        (Res("aws_iam_policy.x", {"policy": "{}"}), [("policy", "identity", "{}")]),
        (Res("aws_ecr_lifecycle_policy.x", {"policy": "{}"}), []),
        (Res("aws_sns_topic.x", {"policy": SENSITIVE}), [("policy", "resource", "")]),
        (Res("aws_cloudwatch_log_resource_policy.x", {"policy_document": UNKNOWN}),
         [("policy_document", "resource", "")]),
        (Res("aws_sns_topic.x", {"policy": UNKNOWN}, written={"policy": ...}), []),
        (Res("aws_iam_role.x", {"inline_policy": [{"name": "a", "policy": KNOWN}, {"name": "b", "policy": UNKNOWN}]}),
         [("inline_policy[0].policy", "identity", KNOWN), ("inline_policy[1].policy", "identity", "")]),
        (Res("aws_iam_role.x", {"inline_policy": UNKNOWN}), [("inline_policy[0].policy", "identity", "")]),
        (Res("aws_iam_role.x", {"inline_policy": UNKNOWN}, written={"inline_policy": ...}), []),
    ],
)  # fmt: skip
def test_what_holds_a_document(resource: Res, found: list[tuple[str, str, str]]) -> None:
    assert texts(resource) == found
