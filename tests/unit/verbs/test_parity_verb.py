"""Environments are compared with those that the blueprint says, all of them or the one that ENV names."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.builder import Res, plan

from harness.base.errors import HarnessError
from harness.base.options import Options, read_options
from harness.facts import Blueprint, Environment
from harness.parity.declared import Declaration
from harness.plan import Plan
from harness.verbs import parity

LISTED = {"calm": Environment(), "live": Environment(), "east": Environment(compared_with="live")}


class World:
    """Stands for the repository: what is declared, how large each environment is, and which were planned."""

    def __init__(self) -> None:
        self.declared: dict[str, tuple[Declaration, ...]] = {"live": (), "east": ()}
        self.sizes = dict.fromkeys(LISTED, 1)
        self.planned: list[tuple[str, ...]] = []
        self.listed = dict(LISTED)

    def plans(self, names: tuple[str, ...]) -> dict[str, Plan]:
        self.planned.append(names)
        return {name: plan(Res("aws_x.this", {"size": self.sizes[name]})) for name in names}

    def declarations(self, environment: str, other: str) -> tuple[Declaration, ...]:
        if environment not in self.declared:
            raise HarnessError(f"{environment} against {other} declares nothing", "write it")
        return self.declared[environment]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    made = World()
    monkeypatch.setattr(parity, "read_blueprint", lambda: Blueprint("shop", "shop", "eu-west-1", made.listed))
    monkeypatch.setattr(parity, "environments", lambda: tuple(made.listed))
    monkeypatch.setattr(parity, "offline_plans", made.plans)
    monkeypatch.setattr(parity, "kept_plans", made.plans)
    monkeypatch.setattr(parity, "declarations_of", made.declarations)
    monkeypatch.setattr(parity, "REPORTS", tmp_path)
    return made


def options(environment: str = "") -> Options:
    return read_options({"ENV": environment})


def test_every_environment_but_the_first_is_compared(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert parity.run(options()) == 0
    assert [set(names) for names in world.planned] == [{"calm", "live", "east"}]
    assert "compared with no other environment: calm" in capsys.readouterr().err


def test_a_difference_of_any_of_them_is_found(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.sizes["east"] = 2
    assert parity.run(options()) == 1
    printed = capsys.readouterr().out
    assert "live and east differ in size: 1 against 2" in printed
    assert "calm and live" not in printed
    world.declared["east"] = (Declaration("aws_x.this", "it is small there", attribute="size"),)
    assert parity.run(options()) == 0


def test_one_environment_is_compared_alone_and_only_what_it_needs_is_planned(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parity, "stack_of", lambda given: given)
    world.sizes["live"] = 2
    assert parity.run(options("live")) == 1
    assert set(world.planned[-1]) == {"calm", "live"}
    assert parity.run(options("calm")) == 0
    assert len(world.planned) == 1


def test_whatever_env_says_the_whole_check_compares_all(world: World) -> None:
    world.sizes["east"] = 2
    assert parity.run_all(options("calm")) == 1


def test_what_declares_nothing_is_told_before_anything_is_planned(world: World) -> None:
    del world.declared["east"]
    with pytest.raises(HarnessError, match="east against live declares nothing"):
        parity.run(options())
    assert world.planned == []


def test_a_single_environment_has_nothing_to_differ_from(world: World, tmp_path: Path) -> None:
    world.listed = {"calm": Environment()}
    assert parity.run(options()) == 0
    assert world.planned == []
    assert (tmp_path / "parity.json").exists()


def test_as_a_gate_of_a_plan_it_finds_what_the_verb_finds(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.sizes["live"] = 2
    gate = parity.parity_gate("live")
    (found,) = gate.findings
    assert found.message.startswith(
        "calm and live differ in size: 1 against 2; make them alike, or declare it in envs/"
    )
    assert (gate.failed, gate.command) == (True, "make parity ENV=live")
    world.declared["live"] = (Declaration("aws_x.this", "it is small there", attribute="size"),)
    assert parity.parity_gate("live").verdict == "as calm, but for 1 declared difference"
    assert parity.parity_gate("calm").verdict == "compared with no other environment"
    assert capsys.readouterr() == ("", "")


def test_a_gate_that_cannot_compare_is_a_finding(world: World) -> None:
    del world.declared["east"]
    gate = parity.parity_gate("east")
    assert gate.failed
    assert "cannot be compared: east against live declares nothing -> write it" in gate.findings[0].message
