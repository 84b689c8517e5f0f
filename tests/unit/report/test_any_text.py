"""JUnit and SARIF are valid, and name every finding, whatever the texts of a report are."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.base.findings import Finding, Severity
from harness.report import Check, Report, Waived, junit, sarif

VALIDATOR = jsonschema_rs.Draft4Validator(
    json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text()), validate_formats=True
)
ODD = ["\ufffe", "\uffff", "\ud800", "\udfff", "\ud83d", "\x00", "\x08", "\x1b", "\x7f", "\x85", "\r", "\n", "\t",
       "]]>", "&", "<", '"', "%", " ", "//", ":", "https://", "\u2028", "\U0001f600", "\U0010ffff"]  # fmt: skip
# st.text leaves surrogates out.
TEXT = st.lists(st.sampled_from(ODD) | st.characters() | st.characters(categories=["Cs"]), max_size=6).map("".join)
FINDING = st.builds(
    Finding, TEXT, st.sampled_from(Severity), TEXT, TEXT, TEXT, TEXT, st.integers(-1, 2**31 - 1),
    st.one_of(TEXT, TEXT.map("https://example.org/{}".format)),
)  # fmt: skip
CHECK = st.builds(Check, TEXT, TEXT, TEXT, st.integers(0, 9))
REPORT = st.builds(
    Report, TEXT, st.lists(FINDING, max_size=4).map(tuple),
    st.lists(CHECK, max_size=3, unique_by=lambda one: one.id).map(tuple),
    st.lists(st.builds(Waived, FINDING, TEXT, TEXT, TEXT), max_size=2).map(tuple), TEXT,
)  # fmt: skip


def told(letter: str) -> Report:
    """A report that has a letter in every text."""
    check, address, message, environment, file, why = (
        f"{name}{letter}" for name in ("check", "address", "message", "environment", "file", "why")
    )
    found = Finding(check, Severity.ERROR, address, message, environment, file, 1, why)
    checks = (Check(f"other{letter}", f"title{letter}", f"guideline{letter}"),)
    return Report(
        f"scan{letter}", (found,), checks, (Waived(found, f"r{letter}", f"me{letter}", letter),), f"1{letter}"
    )


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(junit(report).encode())  # noqa: S314 - our own text


@given(report=REPORT)
@settings(deadline=None)
def test_any_junit_is_xml_with_a_case_for_each_finding(report: Report) -> None:
    suite = parsed(report)
    silent = {one.id for one in report.checks} - {one.check for one in report.findings}
    silent -= {one.finding.check for one in report.waived}
    assert len(suite) == len(report.findings) + len(report.waived) + len(silent)
    assert int(suite.get("tests", "")) == len(suite)


@given(report=REPORT)
@settings(deadline=None)
def test_any_sarif_is_utf8_and_holds_to_its_schema(report: Report) -> None:
    text = sarif(report)
    text.encode()
    content = json.loads(text)
    VALIDATOR.validate(content)
    json.dumps(content, ensure_ascii=False).encode()
    (run,) = content["runs"]
    assert len(run["results"]) == len(report.findings) + len(report.waived)
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        urlsplit(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


@pytest.mark.parametrize("letter", ["\ufffe", "\uffff", "\ud800", "\x00", "\x1b"], ids=ascii)
def test_what_xml_cannot_hold_is_written_as_its_code_point(letter: str) -> None:
    escape = f"\\u{ord(letter):04x}"
    suite = parsed(told(letter))
    case = suite[0]
    assert suite.get("name") == f"scan{escape}"
    assert (case.get("classname"), case.get("file")) == (f"scan{escape}", f"file{escape}")
    assert case.get("name") == f"check{escape} environment{escape} address{escape}"
    failure = case[0]
    assert failure.get("message") == f"message{escape}"
    assert f"why{escape}" in str(failure.text)
    assert [one.get("name") for one in suite if len(one) == 0] == [f"other{escape}"]


def test_what_utf8_cannot_hold_is_written_as_its_code_point() -> None:
    (run,) = json.loads(sarif(told("\ud800")))["runs"]
    result = run["results"][0]
    place = result["locations"][0]
    assert result["ruleId"] == "check\\ud800"
    assert result["message"]["text"] == "address\\ud800 in environment\\ud800: message\\ud800"
    assert unquote(place["physicalLocation"]["artifactLocation"]["uri"]) == "file\\ud800"
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "address\\ud800"
    assert run["results"][1]["suppressions"][0]["justification"] == "r\\ud800 (me\\ud800, until \\ud800)"
    assert (run["tool"]["driver"]["name"], run["tool"]["driver"]["version"]) == ("scan\\ud800", "1\\ud800")
    assert "\ud800" not in json.dumps(run, ensure_ascii=False)


@pytest.mark.parametrize(
    ("guideline", "uri"),
    [
        ("https://example.org/why#x?y=%20", "https://example.org/why#x?y=%20"),
        ("https://example.org and more", None),
        ("https://example.org/\u00e9", None),
        ("https://", None),
        ("https://example.org/[", None),
    ],
)
def test_only_an_address_is_a_help_uri(guideline: str, uri: str | None) -> None:
    report = Report("scan", (Finding("c", Severity.ERROR, "", "m", guideline=guideline),))
    (rule,) = json.loads(sarif(report))["runs"][0]["tool"]["driver"]["rules"]
    assert rule.get("helpUri") == uri
    assert rule["help"]["text"] == guideline
