"""Exceptions: what they cover, and when they are findings themselves."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.scan.exceptions import EXPIRED, INCOMPLETE, UNUSED, Applied, apply, exceptions_of, read_waivers

TODAY = datetime.date(2030, 6, 1)
FOUND = Finding("CKV_AWS_28", Severity.ERROR, "module.table.aws_dynamodb_table.this", "no recovery", "dev")
GOOD = """\
- check: CKV_AWS_28
  environments: [dev]
  resources: [module.table.aws_dynamodb_table.this]
  reason: the data of dev is made up and can be made again
  owner: platform
  expires: 2030-06-01
"""
EVERYWHERE = GOOD.replace("  environments: [dev]\n", "")


def judge(tmp_path: Path, text: str, *findings: Finding) -> tuple[Applied, list[Finding]]:
    """Apply a file's exceptions to findings; second are the file's own faults."""
    file = tmp_path / "exceptions.yaml"
    file.write_text(text)
    waivers, faults = read_waivers(file, "exceptions.yaml")
    return apply(findings, waivers, TODAY), faults


def test_an_exception_covers_its_finding_up_to_its_last_day(tmp_path: Path) -> None:
    applied, faults = judge(tmp_path, GOOD, FOUND)
    assert (applied.findings, faults) == ((), [])
    assert [(one, by.owner) for one, by in applied.waived] == [(FOUND, "platform")]


@pytest.mark.parametrize(
    "other",
    [
        Finding("CKV_AWS_28", Severity.ERROR, "module.table.aws_dynamodb_table.this", "no recovery", "prod"),
        Finding("CKV_AWS_28", Severity.ERROR, "module.other.aws_dynamodb_table.this", "no recovery", "dev"),
        Finding("CKV_AWS_29", Severity.ERROR, "module.table.aws_dynamodb_table.this", "no recovery", "dev"),
        Finding("CKV_AWS_28", Severity.ERROR, "module.table.aws_dynamodb_table.this", "no recovery", ""),
    ],
    ids=["environment", "resource", "check", "code"],
)
def test_it_covers_nothing_else(tmp_path: Path, other: Finding) -> None:
    applied, _ = judge(tmp_path, GOOD, FOUND, other)
    assert applied.findings == (other,)


def test_an_expired_one_covers_nothing_and_is_a_finding(tmp_path: Path) -> None:
    applied, _ = judge(tmp_path, GOOD.replace("2030-06-01", "2030-05-31"), FOUND)
    assert {one.check for one in applied.findings} == {"CKV_AWS_28", EXPIRED}
    assert applied.waived == ()


def test_one_that_matches_nothing_is_a_finding_with_its_line(tmp_path: Path) -> None:
    applied, _ = judge(tmp_path, f"# first line\n{GOOD}")
    assert [(one.check, one.file, one.line) for one in applied.findings] == [(UNUSED, "exceptions.yaml", 2)]


def test_one_without_environments_holds_everywhere(tmp_path: Path) -> None:
    findings = [replace(FOUND, environment=name) for name in ("dev", "prod", "")]
    applied, faults = judge(tmp_path, EVERYWHERE, *findings)
    assert (applied.findings, faults) == ((), [])

    applied, _ = judge(tmp_path, EVERYWHERE, replace(FOUND, check="CKV_AWS_29"))
    assert [one.check for one in applied.findings] == ["CKV_AWS_29", UNUSED]


@pytest.mark.parametrize(
    ("address", "covered"),
    [
        ("module.table.aws_dynamodb_table.this", True),
        ('module.table["a.b"].aws_dynamodb_table.this[0]', True),
        ("module.table.module.inner.aws_dynamodb_table.this", True),
        ("module.tables.aws_dynamodb_table.this", False),
        ("module.outer.module.table.aws_dynamodb_table.this", False),
        ("aws_dynamodb_table.this", False),
    ],
)
def test_one_for_a_module_covers_all_below_it(tmp_path: Path, address: str, covered: bool) -> None:
    text = EVERYWHERE.replace("resources: [module.table.aws_dynamodb_table.this]", "module: table")
    applied, faults = judge(tmp_path, text, replace(FOUND, address=address))
    assert (len(applied.waived) == 1, faults) == (covered, [])
    assert [one.message for one in applied.findings if one.check == UNUSED] == (
        [] if covered else ["exception CKV_AWS_28 matches nothing for module.table: remove it"]
    )


@pytest.mark.parametrize(
    ("address", "covered"),
    [
        ('module.table["orders"].aws_dynamodb_table.this', True),
        ("module.table.aws_dynamodb_table.this", True),
        ('module.table["a].b"].aws_dynamodb_table.this', True),
        ('module.table["orders"].aws_dynamodb_table.this["x"]', False),
        ('module.table["orders"].aws_dynamodb_table.that', False),
        ('module.table["orders"]_aws_dynamodb_table.this', False),
    ],
)
def test_a_pattern_stands_for_instances_alone(tmp_path: Path, address: str, covered: bool) -> None:
    text = EVERYWHERE.replace("[module.table.aws_", "['module.table[*].aws_").replace("this]", "this']")
    applied, _ = judge(tmp_path, text, replace(FOUND, address=address))
    assert (len(applied.waived) == 1) == covered


def test_of_environments_that_were_not_looked_at_nothing_is_said(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(GOOD.replace("[dev]", "[dev, account]") + GOOD.replace("[dev]", "[account]"))
    waivers, _ = read_waivers(file, "exceptions.yaml")
    assert apply([FOUND], waivers, TODAY, only={"dev"}).findings == ()
    assert len(apply([FOUND], waivers, TODAY).findings) == 2


def test_each_resource_and_environment_must_match(tmp_path: Path) -> None:
    text = GOOD.replace("[dev]", "[dev, prod]").replace("this]", "this, module.gone.aws_dynamodb_table.this]")
    applied, _ = judge(tmp_path, text, FOUND)
    assert [one.check for one in applied.findings] == [UNUSED] * 3


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  reason: the data of dev is made up and can be made again\n", "", "missing reason"),
        ("the data of dev is made up and can be made again", "later", "reason says nothing"),
        ("  owner: platform\n", "", "missing owner"),
        ("2030-06-01", "soon", "expires must be a day"),
        ("  expires: 2030-06-01\n", "", "missing expires"),
        ("module.table.aws_dynamodb_table.this", "'module.table.*'", "without patterns"),
        ("[dev]", "['*']", "without patterns"),
        ("[dev]", "dev", "must be a list"),
        ("[dev]", "[]", "must be a list"),
        ("  resources: [module.table.aws_dynamodb_table.this]\n", "", "resources or module is wanted"),
        ("  reason:", "  module: table\n  reason:", "resources or module is wanted"),
        ("resources: [module.table.aws_dynamodb_table.this]", "module: '*'", "module must be the name"),
        ("owner:", "comment: x\n  owner:", "unknown field comment"),
    ],
)
def test_an_incomplete_one_covers_nothing_and_is_a_finding(tmp_path: Path, old: str, new: str, told: str) -> None:
    applied, faults = judge(tmp_path, GOOD.replace(old, new), FOUND)
    assert applied.findings == (FOUND,)
    assert [one.check for one in faults] == [INCOMPLETE]
    assert told in faults[0].message


@pytest.mark.parametrize("text", ["- check: [", "check: x", "just words"])
def test_a_file_that_is_no_list_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(HarnessError, match=r"exceptions\.yaml"):
        judge(tmp_path, text)


OF_ROOT = """\
- check: CKV_AWS_28
  resources: [module.table.aws_dynamodb_table.this]
  reason: the data here is made up and can be made again
  owner: platform
  expires: 2030-06-01
"""


def tree_of(folder: Path, **files: str) -> Path:
    """Make a tree with exceptions; a name's ``_`` is a folder's end."""
    for name, text in files.items():
        file = folder / name.replace("_", "/") / "exceptions.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return folder


def test_product_roots_and_services_have_their_own(tmp_path: Path) -> None:
    service = EVERYWHERE.replace("CKV_AWS_28", "CKV_AWS_29")
    waivers, faults = exceptions_of(tree_of(tmp_path, envs_dev=OF_ROOT, lambda_orders=service, envs_shared=OF_ROOT))
    assert faults == []
    assert [(one.file, one.environments) for one in waivers] == [
        ("envs/dev/exceptions.yaml", ("dev",)),
        ("envs/shared/exceptions.yaml", ("shared",)),
        ("lambda/orders/exceptions.yaml", ()),
    ]
    # All stand in the same line; each is told by its file.
    applied = apply([FOUND], waivers, TODAY)
    assert [(one.check, one.file, one.line) for one in applied.findings] == [
        (UNUSED, "envs/shared/exceptions.yaml", 1),
        (UNUSED, "lambda/orders/exceptions.yaml", 1),
    ]


def test_one_beside_a_root_holds_in_it_alone_and_names_no_other(tmp_path: Path) -> None:
    waivers, faults = exceptions_of(tree_of(tmp_path, envs=OF_ROOT.replace("28", "29"), envs_dev=GOOD))
    assert [one.file for one in waivers] == ["envs/exceptions.yaml"]
    assert [(one.check, one.file, one.line) for one in faults] == [(INCOMPLETE, "envs/dev/exceptions.yaml", 1)]
    assert "leave environments out" in faults[0].message
    elsewhere = replace(FOUND, environment="prod")
    waivers, _ = exceptions_of(tree_of(tmp_path / "second", envs_dev=OF_ROOT))
    assert apply([elsewhere], waivers, TODAY, only={"prod"}).findings == (elsewhere,)


def test_a_tree_without_any_has_none(tmp_path: Path) -> None:
    assert exceptions_of(tmp_path) == ([], [])
