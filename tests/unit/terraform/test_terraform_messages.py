"""Terraform's boxes become one line that says what to do."""

import ast
from pathlib import Path

import pytest

from harness.base.paths import REPO
from harness.terraform.runner import diagnose

LOCKED = """
╷
│ Error: Error acquiring the state lock
│
│ Error message: operation error S3: PutObject, https response error StatusCode: 412
│ Lock Info:
│   ID:        5c1a
│   Path:      bucket/dev/dev/terraform.tfstate
│   Operation: OperationTypeApply
│   Who:       alice@laptop
│   Version:   1.11.4
│   Created:   2026-11-23 20:00:00 +0000 UTC
╵
"""


def test_a_lock_names_its_holder() -> None:
    tried, remedy = diagnose("apply", LOCKED)
    assert tried == (
        "the state is locked, held by alice@laptop since 2026-11-23 20:00:00 +0000 UTC (OperationTypeApply)"
    )
    assert "stuck-lock.md" in remedy


def test_a_stale_plan_says_to_plan_again() -> None:
    assert diagnose("apply", "╷\n│ Error: Saved plan is stale\n│ ...\n╵") == (
        "the saved plan is stale: the state changed since it was made",
        "run make plan again",
    )


def test_every_error_is_in_the_line() -> None:
    text = "╷\n│ Error: first\n│ \n│   on main.tf line 3\n╵\n╷\n│ Error: second\n╵\n"
    assert diagnose("plan", text)[0] == "terraform plan failed: first on main.tf line 3 | second"


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_silence_is_said(text: str) -> None:
    assert diagnose("plan", text)[0] == "terraform plan failed: it printed nothing"


def test_python_terraform_is_imported_in_one_place() -> None:
    """The other fences (checkov, boto3, tftest) are contracts of import-linter or lie outside Python's imports."""
    importers = [path for path in (REPO / "scripts").rglob("*.py") if "python_terraform" in imported(path)]
    assert importers == [REPO / "scripts" / "harness" / "terraform" / "runner.py"]


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
