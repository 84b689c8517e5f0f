"""A plan's verdict is made of its gates: those beside it refuse it as rules do, those that did not run are named."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.support.builder import Res, plan

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.base.options import read_options
from harness.base.paths import Stack, Target
from harness.base.process import Process
from harness.facts import Environment
from harness.operate import planning
from harness.operate.contract_change import ContractChange
from harness.operate.execute import refuse_broken
from harness.operate.planning import Planned, make_plan
from harness.operate.release.record import Line, Move, Record, Running, Served
from harness.report.planned import Gate
from harness.report.told import View
from harness.rules import RuleReport
from harness.rules.rule import Rule, RuleResult
from harness.terraform.context import Context
from harness.verbs import plan as plan_verb
from harness.verbs.plan import next_step, unfinished_release

DIFFERS = Finding("parity", Severity.ERROR, "aws_x.this", "calm and live differ in size: 1 against 2", "live")
TOLD = "parity aws_x.this: calm and live differ in size: 1 against 2"
FAILS = Gate("parity", "make parity ENV=live", (DIFFERS,))
HOLDS = Gate("parity", "make parity ENV=live", said="as calm, but for 2 declared differences")
RECORDED = Path(__file__).parents[1] / "plan" / "recorded" / "edited.json"


@dataclass(frozen=True)
class Scene(Context):
    """A context whose Terraform is a stand-in, which plans only once the gate beside it has begun."""

    begun: threading.Event = field(default_factory=threading.Event)
    told: list[str] = field(default_factory=list)

    @property
    def environment(self) -> Environment:
        return Environment()

    @property
    def runner(self) -> SimpleNamespace:  # type: ignore[override]
        def run_plan(out: Path, *_: object, destroy: bool, replace: Sequence[str]) -> bool:
            assert self.begun.wait(10), "the gate must run while Terraform plans"
            out.write_bytes(b"plan")
            return True

        return SimpleNamespace(plan=run_plan, show=lambda _: RECORDED.read_bytes())


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scene:
    monkeypatch.setattr(Stack, "folder", property(lambda _: tmp_path))
    monkeypatch.setattr(planning, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(planning, "build_bundle", lambda: None)
    monkeypatch.setattr(planning, "initialise", lambda _: None)
    monkeypatch.setattr(planning, "evaluate", lambda *_, **__: RuleReport())
    monkeypatch.setattr(planning, "_contracts", lambda *_: ContractChange())
    monkeypatch.setattr(
        planning, "write_report", lambda name, content: (tmp_path / name).write_text(json.dumps(content))
    )
    options = read_options({"ENV": "live"})
    return Scene(options, Stack("live", "live", Target.LOCAL), Aws(Target.LOCAL, {}, "r", ""))


def planned(scene: Scene, gate: Gate) -> Planned:
    def beside() -> Gate:
        scene.begun.set()
        return gate

    return make_plan(scene, beside=beside)


def test_a_gate_runs_beside_terraform_and_its_error_refuses_the_plan(scene: Scene, tmp_path: Path) -> None:
    made = planned(scene, FAILS)
    assert made.errors == 1
    assert json.loads((tmp_path / "plan.meta.json").read_text())["refusals"] == [TOLD]
    text = (tmp_path / "plan.txt").read_text()
    assert "  error parity aws_x.this\n      calm and live differ in size: 1 against 2\n" in text
    assert "parity: 1 error\n" in text
    with pytest.raises(HarnessError, match="1 finding keeps") as refused:
        refuse_broken(scene.stack, made.refusal_lines)
    assert refused.value.tried == f"1 finding keeps the saved plan of live from being applied\n{TOLD}"
    assert re.fullmatch(
        r"read about it in .*/plan\.txt, change what it names, then make plan ENV=live", refused.value.remedy
    )


def test_of_many_refusals_the_first_are_listed_one_line_each(scene: Scene) -> None:
    findings = [Finding("a", Severity.ERROR, f"aws_x.{n}", f"{'long ' * 80}\nmore") for n in range(5)]
    made = Planned(plan(), True, RuleReport(), ContractChange(), (Gate("rules", "m", tuple(findings)),))
    with pytest.raises(HarnessError) as refused:
        refuse_broken(scene.stack, made.refusal_lines)
    first, *listed, rest = refused.value.tried.splitlines()
    assert first == "5 findings keep the saved plan of live from being applied"
    assert [line[:14] for line in listed] == [f"a aws_x.{n}: lon" for n in range(3)]
    assert max(map(len, listed)) <= 160
    assert rest == "and 2 more"


def test_what_was_refused_says_what_to_mend_and_offers_no_apply(scene: Scene) -> None:
    hint = next_step(scene, planned(scene, FAILS))
    assert hint == "make apply refuses it: mend what parity found (1 above), then make plan ENV=live"


def test_the_last_line_wraps_as_the_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Planned(plan(), True, RuleReport(), ContractChange(), (FAILS,))
    monkeypatch.setattr(plan_verb, "open_context", lambda _: scene)
    monkeypatch.setattr(plan_verb, "require_settled", lambda _: None)
    monkeypatch.setattr(plan_verb, "make_plan", lambda *_, **__: made)
    monkeypatch.setattr(plan_verb, "view_of", lambda *_, **__: View(80))
    assert plan_verb.run(scene.options) == 1
    first, *more = capsys.readouterr().err.splitlines()
    assert first.startswith("  saved")
    assert more
    assert all(line.startswith("      ") for line in more)
    assert "make apply refuses it: mend what parity found" in " ".join(map(str.strip, (first, *more)))


def test_a_plan_that_holds_has_a_hint_that_can_be_pasted(scene: Scene) -> None:
    assert next_step(scene, planned(scene, HOLDS)) == "next: make apply ENV=live CONFIRM=live"


def test_nothing_to_apply_offers_nothing(scene: Scene) -> None:
    made = Planned(plan(), False, RuleReport(), ContractChange())
    assert next_step(scene, made) == "nothing to apply"


@pytest.mark.parametrize(
    ("function", "alias", "steps", "told"),
    [
        ("update", "no-op", 3, True),
        ("no-op", "no-op", 3, False),
        ("create", "create", 3, False),
        ("update", "no-op", 1, False),
    ],
)
def test_a_plan_says_that_a_release_has_to_follow(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, function: str, alias: str, steps: int, told: bool
) -> None:
    monkeypatch.setattr("harness.verbs.plan.steps_of", lambda _: (None,) * steps)
    sides = {"aws_lambda_function.f": function, "aws_lambda_alias.f": alias}
    parts = [Res(name, {}, action=action, before=None if action == "create" else {}) for name, action in sides.items()]
    made = Planned(plan(*parts), True, RuleReport(), ContractChange())
    then = " (it moves no requests: what it publishes serves after make release ENV=live)" if told else ""
    assert next_step(scene, made) == f"next: make apply ENV=live CONFIRM=live{then}"


def test_a_half_done_release_is_told_with_both_ways_out(scene: Scene) -> None:
    made = Planned(plan(), False, RuleReport(), ContractChange())
    assert not unfinished_release(scene, made)
    running = Running({"f": Move("1", "2")}, 10, "", True, "me@here", Process("", 0, 0.0), 0.0)
    told = unfinished_release(scene, replace(made, releases=Record(running=running)))
    assert told == (
        "a release is half done, at 10 % (by me@here): "
        "make release ENV=live goes on, make rollback ENV=live takes it back"
    )


def test_the_record_of_releases_is_read_where_an_alias_stands(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    running = Running({"f": Move("1", "2")}, 10, "", True, "me@here", Process("", 0, 0.0), 0.0)
    kept = Record({"f": Line((Served("1"),))}, running)
    monkeypatch.setattr(planning, "RecordStore", lambda _: SimpleNamespace(load=lambda: kept))
    monkeypatch.setattr(Scene, "state", None)
    alias = {"function_name": "f", "function_version": "1"}
    standing = plan(Res("aws_lambda_alias.live", alias, action="no-op", before=alias))
    moved = plan(Res("aws_lambda_alias.live", {**alias, "function_version": "2"}, action="update", before=alias))
    drifting = replace(standing, drift=tuple(moved.resources.values()))
    monkeypatch.setattr(planning, "read_plan", lambda _: drifting)
    made = planned(scene, HOLDS)
    assert made.releases == kept
    assert not made.changes.drift
    assert "function_version" not in (tmp_path / "plan.txt").read_text()
    monkeypatch.setattr(planning, "read_plan", lambda _: plan(Res("aws_lambda_alias.live", alias)))
    assert planned(scene, HOLDS).releases == Record()


def test_gates_that_did_not_run_are_named_with_their_commands(scene: Scene, tmp_path: Path) -> None:
    planned(scene, HOLDS)
    assert (tmp_path / "plan.txt").read_text().endswith("not run: scan (make scan), tests (make test-plan)\n")
    scene.begun.set()
    make_plan(scene)
    assert "not run: parity (make parity ENV=live), scan" in (tmp_path / "plan.txt").read_text()
    content = json.loads((tmp_path / "plan-live-live").read_text())
    assert content["gates"] == {"parity": None, "scan": None, "tests": None}
    assert content["destructive"] == ["terraform_data.replaced"]


@pytest.mark.parametrize("severity", [Severity.NOTE, Severity.WARNING])
def test_a_rule_holds_in_the_report_where_the_page_says_so(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, severity: Severity
) -> None:
    found = Finding("some", severity, "aws_x.this", "told", "live")
    rules = RuleReport((RuleResult(Rule("some", severity, lambda _: ()), (found,)),))
    monkeypatch.setattr(planning, "evaluate", lambda *_, **__: rules)
    planned(scene, HOLDS)
    holds = json.loads((tmp_path / "plan-live-live").read_text())["rules"]["some"]
    assert holds is ("1 rules hold" in (tmp_path / "plan.txt").read_text())
    assert holds is (severity is Severity.NOTE)


def test_nothing_that_is_written_holds_a_secret(scene: Scene, tmp_path: Path) -> None:
    planned(scene, HOLDS)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "plan.json"]
    assert len(written) >= 4
    secrets = ("first-secret", "second-secret", "kept-secret", "told-secret")
    assert not [(path.name, one) for path in written for one in secrets if one in path.read_text(errors="replace")]


def test_the_cost_of_today_is_that_of_what_stands(scene: Scene) -> None:
    table = {"billing_mode": "PROVISIONED", "read_capacity": 10, "write_capacity": 0}
    more = Res("aws_dynamodb_table.t", {**table, "read_capacity": 20}, action="update", before=table)
    report = Planned(plan(more), True, RuleReport(), ContractChange()).report(scene)
    assert report.now is not None
    assert report.then is not None
    assert report.then.total(fixed=True) == pytest.approx(2 * report.now.total(fixed=True))
    fresh = Planned(plan(Res("aws_dynamodb_table.t", table)), True, RuleReport(), ContractChange()).report(scene)
    assert fresh.now is None
