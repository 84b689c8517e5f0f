"""The IAM linter finds what each statement of ``fixtures/IAM`` is named for, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.scan.launch import Scanned

TEXT = (Path(__file__).parent / "fixtures" / "IAM" / "main.tf").read_text()
CASES = re.findall(r"^    (pass_\w+|IAM_\w+)\s+= \{", TEXT, re.MULTILINE)
OTHERS = {
    "aws_cloudwatch_log_resource_policy.unknown": {"IAM_UNREADABLE"},
    "aws_iam_role.inline": {"IAM_WILDCARD_RESOURCE"},
    'aws_sns_topic.open["all_values"]': {"IAM_PUBLIC"},
    'aws_sns_topic.open["anything"]': {"IAM_PUBLIC"},
    'aws_sns_topic.open["if_exists"]': {"IAM_PUBLIC"},
    'aws_sns_topic.open["negated"]': {"IAM_PUBLIC"},
    'aws_sns_topic.open["over_tls"]': {"IAM_PUBLIC"},
    'aws_sns_topic.open["pass_case"]': set(),
    'aws_sns_topic.open["pass_null"]': set(),
    "aws_iam_policy.version": {"IAM_FORM"},
    "aws_iam_role.no_principal": {"IAM_FORM"},
    "aws_iam_role.pass_trust": set(),
    'aws_iam_role.web_identity["claim_mistyped"]': {"IAM_CONDITION"},
    'aws_iam_role.web_identity["other_provider"]': {"IAM_CONDITION"},
    'aws_iam_role.web_identity["pass_subject"]': set(),
    'aws_iam_role.web_identity["pass_workflow"]': set(),
    "aws_sns_topic.pass_of_account": set(),
    "aws_sns_topic.public": {"IAM_PUBLIC"},
    "aws_sns_topic.unknown": {"IAM_UNREADABLE"},
}


def found(scanned: Scanned, address: str) -> set[str]:
    """Checks of the IAM linter that found something at an address."""
    return {one.check for one in scanned.findings if one.check.startswith("IAM_") and one.address == address}


@pytest.mark.parametrize("case", CASES)
def test_statement(case: str, scanned: Scanned) -> None:
    expected = set() if case.startswith("pass_") else {case.partition("__")[0]}
    assert found(scanned, f'module.IAM.aws_iam_policy.statement["{case}"]') == expected


@pytest.mark.parametrize("address", OTHERS)
def test_document(address: str, scanned: Scanned) -> None:
    assert found(scanned, f"module.IAM.{address}") == OTHERS[address]


def test_a_finding_names_file_line_and_statement(scanned: Scanned) -> None:
    one = next(
        one for one in scanned.findings if one.address.endswith('["IAM_ACTION__typo"]') and one.check == "IAM_ACTION"
    )
    assert one.file == "modules/IAM/main.tf"
    assert TEXT.splitlines()[one.line - 1].strip().startswith("policy")
    assert "dynamodb:GetItems" in one.message
