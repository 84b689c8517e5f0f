"""Pages are written for ENV or for every environment; a finding anywhere on them is exit 1; the plan shown is named."""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.page_plans import SECRET, document, every_kind_json

from harness.base.errors import StaleError
from harness.base.findings import Finding, Severity
from harness.base.options import Options, read_options
from harness.base.paths import Stack
from harness.facts import Blueprint, Environment
from harness.parity.declared import Declaration
from harness.plan import Plan, read_plan
from harness.report import Report, Waived
from harness.rules import RULES, RuleReport
from harness.rules.rule import RuleResult
from harness.verbs import report

LISTED = {"calm": Environment(), "live": Environment()}
FOUND = Finding("CKV_1", Severity.ERROR, "aws_x.y", "is open", "live")


class World:
    """Stands for the repository: its plans, what the scan finds, and whether a saved plan is fresh."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scanned = Report("scan", ())
        self.broken: tuple[Finding, ...] = ()
        self.declared: tuple[Declaration, ...] = ()
        self.planned: list[tuple[str, ...]] = []
        self.judged: list[tuple[str, str]] = []
        self.fresh: set[str] = set()
        self.bills = lambda _day: (folder / "sbom-orders.cdx.json",)

    def plans(self, names: tuple[str, ...]) -> dict[str, Plan]:
        self.planned.append(names)
        return {name: read_plan(document([])) for name in names}

    def evaluate(self, plan: Plan, *, environment: str, suffix: str, acknowledged: tuple[str, ...]) -> RuleReport:
        self.judged.append((environment, suffix))
        if not self.broken:
            return RuleReport()
        return RuleReport((RuleResult(RULES[0], self.broken),))

    def require_fresh(self, stack: Stack) -> None:
        if stack.slug not in self.fresh:
            raise StaleError(f"there is no saved plan of {stack.title}", f"make plan {stack.make_words}")

    def page(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    monkeypatch.setattr(report, "read_blueprint", lambda: Blueprint("shop", "shop", "eu-west-1", LISTED))
    monkeypatch.setattr(report, "environments", lambda: tuple(LISTED))
    monkeypatch.setattr(
        report, "stack_of", lambda one: Stack(one.environment, one.suffix or one.environment, one.target)
    )
    monkeypatch.setattr(report, "kept_plans", made.plans)
    monkeypatch.setattr(report, "build_bundle", lambda: None)
    monkeypatch.setattr(report, "write_bills", made.bills)
    monkeypatch.setattr(report, "scan", lambda: None)
    monkeypatch.setattr(report, "judged", lambda *_: made.scanned)
    monkeypatch.setattr(report, "evaluate", made.evaluate)
    monkeypatch.setattr(report, "declarations_of", lambda *_: made.declared)
    monkeypatch.setattr(report, "require_fresh", made.require_fresh)
    monkeypatch.setattr(report, "REPORTS", tmp_path)
    yield made


def options(environment: str = "", suffix: str = "") -> Options:
    return read_options({"ENV": environment, "SUFFIX": suffix})


def test_one_environment_is_one_page_and_only_what_it_needs_is_planned(world: World) -> None:
    assert report.run(options("calm")) == 0
    assert world.planned == [("calm",)]
    assert [file.name for file in world.folder.iterdir()] == ["report-calm.html"]
    assert report.run(options("live")) == 0
    assert world.planned[-1] == ("live", "calm")


def test_without_env_there_is_a_page_each_and_an_index(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.run(options()) == 0
    assert {file.name for file in world.folder.iterdir()} == {"report.html", "report-calm.html", "report-live.html"}
    assert 'href="report-live.html"' in world.page("report.html")
    out, err = capsys.readouterr()
    assert [line.split(":")[0] for line in out.splitlines()] == [
        f"{name}, from the files alone" for name in ("calm", "live")
    ]
    paths = [line for line in err.splitlines() if ".html" in line]
    assert [line.rpartition("/")[2] for line in paths] == ["report-calm.html", "report-live.html", "report.html"]
    assert paths[0].startswith("  its page: ")
    assert paths[2].startswith("every environment in one table, with links to the pages: ")
    assert "calm, from the files alone</a>" in world.page("report.html")


@pytest.mark.parametrize("gate", ["rules", "parity", "scan"])
def test_a_finding_of_any_gate_is_exit_1_and_stands_on_the_page(world: World, gate: str) -> None:
    if gate == "rules":
        world.broken = (FOUND,)
    elif gate == "parity":
        world.declared = (Declaration("aws_x.y", "is open", attribute="nothing"),)
    else:
        world.scanned = replace(world.scanned, findings=(FOUND,))
    assert report.run(options("live")) == 1
    assert "is open" in world.page("report-live.html")
    assert 'class="verdict failed"' in world.page("report-live.html")


def test_notes_are_no_reason_to_fail(world: World) -> None:
    world.scanned = replace(world.scanned, findings=(replace(FOUND, severity=Severity.NOTE),))
    assert report.run(options()) == 0


def test_what_is_found_elsewhere_is_on_no_environments_page_and_fails_the_whole(world: World) -> None:
    accepted = Waived(replace(FOUND, environment="calm", message="known of"), "it is calm", "me", "2031-01-01")
    account = replace(FOUND, environment="account", message="everybody may")
    world.scanned = replace(world.scanned, findings=(account,), waived=(accepted,))
    assert report.run(options("live")) == 0
    assert report.run(options()) == 1
    assert "everybody may" in world.page("report.html")
    assert "everybody may" not in world.page("report-live.html")
    assert "known of" in world.page("report-calm.html")
    assert "known of" not in world.page("report-live.html")


def test_a_finding_of_the_code_is_on_every_page(world: World) -> None:
    world.scanned = replace(world.scanned, findings=(replace(FOUND, environment=""),))
    assert report.run(options()) == 1
    assert all("is open" in world.page(f"report-{name}.html") for name in LISTED)


def test_the_offline_plan_is_shown_and_why(world: World) -> None:
    report.run(options("live"))
    text = world.page("report-live.html")
    assert "a plan made offline, as if nothing were deployed" in text
    assert "there is no saved plan of live (make plan ENV=live)" in text
    assert "<h1>✓ live, from the files alone: no findings</h1>" in text
    assert ": ready" not in text
    assert "Nothing is destroyed" not in text
    assert "shows in a plan of the account alone (make plan)" in text


def test_each_path_follows_the_verdict_that_it_belongs_to(world: World) -> None:
    """Both streams are one, as in a log of CI."""
    with (world.folder / "log").open("w+") as log:
        with contextlib.redirect_stdout(log), contextlib.redirect_stderr(os.fdopen(os.dup(log.fileno()), "w")):
            report.run(options())
        log.seek(0)
        text = log.read()
        lines = [line.rpartition("/")[2].split(",")[0].strip() for line in text.splitlines() if "write the" not in line]
    assert f"  what a zip holds: {world.folder / 'sbom-orders.cdx.json'}\n" in text
    assert lines[-5:] == ["calm", "report-calm.html", "live", "report-live.html", "report.html"]


def test_a_fresh_saved_plan_is_shown_with_its_time_and_without_its_secrets(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = world.folder / "plan.json"
    saved.write_bytes(every_kind_json())
    moment = datetime.datetime(2030, 5, 6, 7, 8, tzinfo=datetime.UTC).timestamp()
    os.utime(saved, (moment, moment))
    monkeypatch.setattr(Stack, "plan_json", property(lambda _: saved))
    world.fresh = {"live-alice"}
    assert report.run(options("live", "alice")) == 0
    text = world.page("report-live-alice.html")
    assert "from the files alone" not in text
    assert "the saved plan" in text
    assert "2030-05-06 07:08 UTC" in text
    assert "memory_size" in text
    assert "Now about" in text
    assert SECRET in saved.read_text()
    assert SECRET not in text
    assert world.judged[-1] == ("live", "alice")


def test_an_offline_plan_is_judged_by_the_suffix_it_was_made_with(world: World) -> None:
    report.run(options("live", "alice"))
    assert world.judged[-1] == ("live", "live")
