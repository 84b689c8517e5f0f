"""Nothing that is listed may silently not run."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.scenarios import Report

pytestmark = pytest.mark.example


def test_every_listed_scenario_was_run_or_has_a_reason(report: Report) -> None:
    assert report.scenarios, "no scenario ran"
    assert report.close() == []
    assert [entry.id for entry in report.scenarios if entry.outcome == "failed"] == []


def test_the_report_misses_what_did_not_run_and_keeps_what_failed(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.yaml"
    catalogue.write_text("one: {environments: [dev, prod]}\ntwo: {environments: [dev], not_run: no such thing here}\n")
    report = Report()
    with report.scenario("one", "dev", injected="a | b", expected="x") as entry:
        entry.saw("x")
    with pytest.raises(AssertionError), report.scenario("three", "dev", injected="", expected=""):
        raise AssertionError("broken")
    assert report.close(catalogue) == ["one in prod was not run", "three in dev is not in catalogue.yaml"]
    report.write(tmp_path)
    written = (tmp_path / "scenarios.md").read_text()
    assert "1 passed, 1 failed, 1 not run" in written
    assert "| two | dev | not run |" in written
    assert "AssertionError: broken" in written
    assert report.scenarios[0].told() == ("scenario one in dev", "passed (real). injected: a | b. expected: x. seen: x")
