"""Without AWS: the files of now beside those of a commit, from its own files, and what cannot be planned is said."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.support.builder import Res, plan

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.base.options import read_options
from harness.facts import Blueprint, Environment
from harness.plan import Plan
from harness.report.planned import Gate
from harness.rules import RuleReport
from harness.verbs import plan_offline

BLUEPRINT = Blueprint("shop", "shop", "eu-west-1", {"calm": Environment(), "live": Environment()})
NEW = plan(Res("aws_x.this", {"size": 2}))


class World:
    """A repository with a commit whose only environment is ``calm``, and its plans."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gate = Gate("parity", "make parity", said="compared with no other environment")
        self.refusal = ""
        (folder / "size").write_text("1")
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
            identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
            subprocess.run(["git", *identity, *command], cwd=folder, check=True)
        (folder / "size").write_text("2")

    def earlier(self, tree: Path, names: tuple[str, ...], *, made_up_key: bool) -> dict[str, bytes]:
        if self.refusal:
            raise HarnessError(self.refusal, "mend it")
        return dict.fromkeys(names, (tree / "size").read_bytes())


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    folder = tmp_path / "repo"
    folder.mkdir()
    made = World(folder)

    def copied(source: Path, tree: Path) -> None:
        (tree / "size").write_bytes((source / "size").read_bytes())

    def read(data: bytes) -> Plan:
        return plan(Res("aws_x.this", {"size": int(data)}))

    stand_ins = {
        "REPO": folder,
        "BUNDLES": folder / "build",
        "REPORTS": tmp_path / "reports",
        "build_bundle": lambda *_: None,
        "environments": lambda tree=None: ("calm", "live") if tree is None else ("calm",),
        "read_blueprint": lambda: BLUEPRINT,
        "kept_plans": lambda names: dict.fromkeys(names, NEW),
        "copy_tree": copied,
        "make_plans": made.earlier,
        "read_plan": read,
        "evaluate": lambda *_, **__: RuleReport(),
        "parity_gate": lambda _: made.gate,
        "stack_of": lambda options: SimpleNamespace(environment=options.environment),
    }
    for name, value in stand_ins.items():
        monkeypatch.setattr(plan_offline, name, value)
    return made


def run(since: str, environment: str = "") -> int:
    return plan_offline.run(read_options({"ENV": environment, "SINCE": since}))


def test_what_the_files_change_is_shown_and_written(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("HEAD") == 0
    printed = capsys.readouterr().out
    assert "calm: 1 to update\nFrom the files alone, beside those of HEAD" in printed
    assert "size: 1 → 2" in printed
    assert "live: 1 to create" in printed
    reports = tmp_path / "reports"
    assert sorted(path.name for path in reports.iterdir()) == [
        f"offline-{name}.{ending}" for name in ("calm", "live") for ending in ("md", "txt")
    ]
    assert "!       size: 1 → 2" in (reports / "offline-calm.md").read_text()


def test_what_a_moved_block_says_is_shown_as_moved(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        plan_offline, "kept_plans", lambda names: dict.fromkeys(names, plan(Res("aws_x.it", {"size": 1})))
    )
    root = world.folder / "envs" / "calm"
    root.mkdir(parents=True)
    (root / "moved.tf").write_text("moved {\n  from = aws_x.this\n  to   = aws_x.it\n}\n")
    assert run("HEAD", "calm") == 0
    printed = capsys.readouterr().out
    assert "calm: 1 to move\n" in printed
    assert "destroy" not in printed


def test_without_a_commit_all_is_new(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("", "calm") == 0
    printed = capsys.readouterr().out
    assert "calm: 1 to create\nFrom the files alone, as if nothing were deployed." in printed
    assert "live:" not in printed


def test_a_gate_that_fails_fails_it(world: World) -> None:
    world.gate = Gate("parity", "make parity", (Finding("parity", Severity.ERROR, "", "differs"),))
    assert run("HEAD") == 1


def test_files_that_cannot_be_planned_any_more_are_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.refusal = "an older form"
    assert run("HEAD") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "Those of HEAD cannot be planned: an older form" in printed
    assert "calm: 1 to create" in printed


@pytest.mark.parametrize("ref", ["no-such-branch", "--output=elsewhere", "HEAD:size", "HEAD:"])
def test_what_is_no_commit_is_refused(world: World, ref: str) -> None:
    with pytest.raises(HarnessError, match=r"SINCE= takes a commit, branch or tag that this clone has"):
        run(ref)
