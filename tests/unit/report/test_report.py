"""Every format holds every finding, and is what it claims to be."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from harness.base.findings import Finding, Severity
from harness.report import Check, Report, Waived, as_json, junit, markdown, sarif, table

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text())
WORSE = Finding(
    "CKV_AWS_28",
    Severity.ERROR,
    'module.table["a|b"].aws_dynamodb_table.this',
    "recovery is off: a < b | c & \x1b[31m",
    "prod",
    "modules/table/main.tf",
    69,
    "https://example.org/why",
)
BETTER = Finding("HOUSE_11", Severity.WARNING, "aws_sns_topic.this", "no tags", "dev", "a b/main.tf", 0, "a bill")
NOTE = Finding("capacity", Severity.NOTE, "", "the whole plan", "dev")
NOWHERE = Finding("exception-unused", Severity.ERROR, "", "nobody needs it")
REPORT = Report(
    name="scan",
    findings=(NOTE, BETTER, WORSE, NOWHERE),
    checks=(Check("CKV_AWS_28", "recovery", "why", 2), Check("CKV_AWS_7", "rotation", "", 1), Check("HOUSE_11")),
    waived=(
        Waived(Finding("CKV_AWS_7", Severity.ERROR, "aws_kms_key.this", "x", "dev"), "because", "me", "2030-01-01"),
    ),
    version="1.2.3",
)
CLEAN = Report(name="scan", findings=(), checks=(Check("CKV_AWS_28", "", "", 2),))


@pytest.mark.parametrize("report", [REPORT, CLEAN, Report("empty", ())], ids=["full", "clean", "empty"])
def test_sarif_holds_to_its_schema(report: Report) -> None:
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(json.loads(sarif(report)))


def test_sarif_names_rule_place_and_level() -> None:
    run = json.loads(sarif(REPORT))["runs"][0]
    first = run["results"][0]
    assert (first["ruleId"], first["level"]) == ("exception-unused", "error")
    worse = next(one for one in run["results"] if one["ruleId"] == "CKV_AWS_28")
    location = worse["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "modules/table/main.tf"
    assert location["physicalLocation"]["region"]["startLine"] == 69
    assert location["logicalLocations"][0]["fullyQualifiedName"] == WORSE.address
    assert run["tool"]["driver"]["rules"][worse["ruleIndex"]]["id"] == "CKV_AWS_28"
    assert [one["artifactLocation"]["uri"] for one in places(run, "HOUSE_11")] == ["a%20b/main.tf"]
    assert [one["artifactLocation"]["uri"] for one in places(run, "capacity")] == ["envs/dev/main.tf"]


def places(run: dict[str, object], check: str) -> list[dict[str, dict[str, str]]]:
    """Physical locations of a check's results."""
    results = run["results"]
    assert isinstance(results, list)
    return [one["locations"][0]["physicalLocation"] for one in results if one["ruleId"] == check]


def test_sarif_suppresses_what_was_accepted_and_nothing_else() -> None:
    results = json.loads(sarif(REPORT))["runs"][0]["results"]
    assert [one["ruleId"] for one in results if one.get("suppressions")] == ["CKV_AWS_7"]


def test_sarif_fingerprint_survives_a_move_but_not_another_resource() -> None:
    def fingerprint(finding: Finding) -> str:
        result = json.loads(sarif(Report("scan", (finding,))))["runs"][0]["results"][0]
        return str(result["partialFingerprints"]["finding/v1"])

    moved = Finding(WORSE.check, WORSE.severity, WORSE.address, WORSE.message, WORSE.environment, WORSE.file, 99)
    other = Finding(WORSE.check, WORSE.severity, "aws_x.y", WORSE.message, WORSE.environment, WORSE.file, 69)
    assert fingerprint(WORSE) == fingerprint(moved)
    assert fingerprint(WORSE) != fingerprint(other)


def test_junit_counts_and_lists() -> None:
    suite = ET.fromstring(junit(REPORT))  # noqa: S314 - our own text
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "5",
        "failures": "3",
        "skipped": "1",
    }
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert f"CKV_AWS_28 prod {WORSE.address}" in failed
    assert len([case for case in suite if len(case) == 0]) == 0
    assert [case.get("name") for case in ET.fromstring(junit(CLEAN))] == ["CKV_AWS_28"]  # noqa: S314


def test_markdown_keeps_its_columns() -> None:
    lines = markdown(REPORT).splitlines()
    rows = [line for line in lines if line.startswith("|") and "CKV_AWS_28" in line]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 7
    assert "❌" in lines[0]
    assert "`modules/table/main.tf:69`" in rows[0]
    assert markdown(CLEAN).startswith("### ✅ scan: clean")


def test_markdown_fits_a_comment_and_says_what_it_left_out() -> None:
    many = tuple(Finding(f"C{n:03}", Severity.ERROR, "a" * 80, "m" * 200, "dev", "f", n) for n in range(300))
    text = markdown(Report("scan", many))
    assert len(text) < 60000
    assert "250 more" in text


def test_table_has_the_worst_first_and_the_verdict_last() -> None:
    text = table(REPORT)
    assert text.index("exception-unused") < text.index("HOUSE_11") < text.index("capacity")
    assert "modules/table/main.tf:69" in text
    assert text.splitlines()[-1] == "scan: 2 errors, 1 warning, 1 note (3 checks, 3 looks, 1 accepted with a reason)"


def test_json_holds_everything() -> None:
    content = json.loads(as_json(REPORT))
    assert content["failed"] is True
    assert len(content["findings"]) == 4
    assert content["waived"][0]["reason"] == "because"
    assert json.loads(as_json(CLEAN))["failed"] is False


def test_notes_alone_do_not_fail() -> None:
    assert not Report("scan", (NOTE,)).failed
    assert Report("scan", (BETTER,)).failed
