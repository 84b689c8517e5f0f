"""``make scan`` end to end on a copy of the repository in which everything that matters was broken at once.

One run for all, as starting the scanners and planning is what takes the time; the cases are about different settings,
so that none hides another. The repository as it is scans clean: that is ``make check``'s own step.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.support.clone import clone_tree

from harness.scan.dates import PACKED

pytestmark = pytest.mark.example


@dataclass(frozen=True, slots=True)
class Case:
    """A sabotage.

    Attributes:
        file: where; ``old`` becomes ``new`` (nothing: another case breaks it).
        check: what must find it, in ``environment`` (``""``: the code itself).
        named: file and start of the line that the finding must name.
        more: further replacements in the same file.
    """

    file: str
    old: str
    new: str
    check: str
    environment: str
    named: tuple[str, str]
    more: dict[str, str] = field(default_factory=dict)


TABLE, STAGE, KEY, ROLE = (
    "modules/table/main.tf",
    "modules/api/main.tf",
    "modules/key/main.tf",
    "modules/function/iam.tf",
)
CASES = {
    "encryption off": Case(
        TABLE,
        "    enabled     = true\n    kms_key_arn = one(var.encryption[*].kms_key_arn)",
        "    enabled     = false",
        "CKV_AWS_119",
        "prod",
        (TABLE, "  server_side_encryption"),
    ),
    "encryption off in dev, where the key may be AWS's": Case(
        TABLE, "", "", "HOUSE_12", "dev", (TABLE, "  server_side_encryption")
    ),
    "logs not encrypted": Case(
        "modules/function/logs.tf",
        "  kms_key_id        = one(var.encryption[*].kms_key_arn)\n",
        "",
        "CKV_AWS_158",
        "prod",
        ("modules/function/logs.tf", 'resource "aws_cloudwatch_log_group" "this"'),
    ),
    "point-in-time recovery off": Case(
        "envs/prod/locals.tf",
        "recovery_days               = 35",
        "recovery_days               = null",
        "CKV_AWS_28",
        "prod",
        (TABLE, "  point_in_time_recovery"),
    ),
    "access logs off": Case(
        STAGE,
        """  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = jsonencode(local.access_log_fields)
  }
""",
        "",
        "CKV_AWS_76",
        "dev",
        (STAGE, 'resource "aws_api_gateway_stage" "this"'),
    ),
    "key rotation off": Case(
        KEY,
        "enable_key_rotation     = true",
        "enable_key_rotation     = false",
        "CKV_AWS_7",
        "prod",
        (KEY, "  enable_key_rotation"),
    ),
    "role opened": Case(
        "modules/function/permissions.yaml",
        "      - name: logs:PutLogEvents\n",
        "      - name: logs:*\n",
        "IAM_WILDCARD_ACTION",
        "prod",
        (ROLE, "  policy"),
    ),
    "role reaches everything": Case(
        "modules/function/permissions.tf",
        'log_group = "${local.arn_prefix}:logs:${local.arn_place}:log-group:/aws/lambda/${var.name}:*"',
        'log_group = "*"',
        "IAM_WILDCARD_RESOURCE",
        "dev",
        (ROLE, "  policy"),
    ),
    "topic opened to everybody": Case(
        "modules/alarms/topic.tf",
        'Principal = { Service = "cloudwatch.amazonaws.com" }',
        'Principal = "*"',
        "IAM_PUBLIC",
        "prod",
        ("modules/alarms/topic.tf", "  policy"),
        {"aws:SourceArn": "aws:SourceIp", "aws:SourceAccount": "aws:RequestedRegion"},
    ),
    "data trace on, with a skip written into the code": Case(
        "modules/api/throttles.tf",
        "    data_trace_enabled = false",
        "    #checkov:skip=HOUSE_09:because\n    data_trace_enabled = true",
        "HOUSE_09",
        "prod",
        ("modules/api/throttles.tf", "  settings"),
    ),
    "permission opened": Case(
        "modules/api/operations.tf",
        "/${var.stage_name}/*/*",
        "/*/*/*",
        "HOUSE_02",
        "",
        ("modules/api/operations.tf", 'resource "aws_lambda_permission" "this"'),
    ),
    "CloudWatch shut out of the key": Case(
        "modules/key/policy.tf",
        'Principal = { Service = "cloudwatch.amazonaws.com" }',
        'Principal = { Service = "cloudtrail.amazonaws.com" }',
        "HOUSE_10",
        "prod",
        (KEY, "  policy"),
    ),
    "exception expired": Case(
        "envs/exceptions.yaml",
        "  expires: 2027-12-31",
        "  expires: 2020-01-01",
        "exception-expired",
        "",
        ("envs/exceptions.yaml", "- check: CKV_AWS_225"),
    ),
}


@dataclass(frozen=True, slots=True)
class Broken:
    """The copy after ``make scan``."""

    root: Path
    result: subprocess.CompletedProcess[str]
    findings: list[dict[str, Any]]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Broken:
    clone = clone_tree(tmp_path_factory.mktemp("broken") / "tree")
    # As in a tree that was packed: a copy has no commit whose day exceptions are judged by.
    (clone.root / PACKED).write_text("2026-11-28\n")
    for name, case in CASES.items():
        file = clone.root / case.file
        for old, new in {case.old: case.new, **case.more}.items() if case.old else ():
            text = file.read_text()
            assert old in text, f"{name}: {case.file} no longer holds what the case breaks"
            file.write_text(text.replace(old, new, 1))
    result = clone.run("scan")
    assert result.returncode == 1, result.stderr
    findings = json.loads((clone.root / "build" / "reports" / "scan.json").read_text())["findings"]
    return Broken(clone.root, result, findings)


@pytest.mark.parametrize("name", CASES)
def test_it_is_found_where_it_stands(name: str, broken: Broken) -> None:
    case = CASES[name]
    file, start = case.named
    lines = (broken.root / file).read_text().splitlines()
    places = {
        (one["file"], lines[one["line"] - 1][: len(start)])
        for one in broken.findings
        if one["check"] == case.check and one["environment"] == case.environment and one["file"] == file
    }
    assert (file, start) in places


def test_the_table_names_file_and_line(broken: Broken) -> None:
    for one in broken.findings:
        assert f"{one['file']}:{one['line']}" in broken.result.stdout


def test_every_format_was_written(broken: Broken) -> None:
    reports = broken.root / "build" / "reports"
    for ending in ("json", "md", "xml", "sarif"):
        assert "CKV_AWS_28" in (reports / f"scan.{ending}").read_text()
