"""Releases cover every alias of the state; FUNCTION chooses one; a release that failed after an apply is an error."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tests.support.release_world import FakeAlias, World, two, whole
from tests.support.states import context, document, resource

from harness.base.errors import HarnessError, UsageError
from harness.base.options import read_options
from harness.base.paths import Stack, Target
from harness.facts import Blueprint, Environment
from harness.operate.drift.compare import live_of
from harness.operate.release.record import Line, Record, Served
from harness.operate.release.steps import Step
from harness.terraform.context import Context
from harness.verbs import apply, drill, release
from harness.verbs.drill import default_environment
from harness.verbs.release import open_release, release_at_once, release_or_say

STACK = Stack("somewhere", "alice", Target.LOCAL)
STATE = document(
    resource("aws_lambda_function", {"function_name": "f", "filename": "./x/orders.zip", "handler": "h.h"}),
    resource("aws_lambda_function", {"function_name": "g", "filename": "./x/notes.zip", "handler": "h.h"}),
    resource("aws_lambda_alias", {"function_name": "g", "name": "live"}, module='module.any["b"]'),
    resource("aws_lambda_alias", {"function_name": "f", "name": "live"}, module="module.other"),
)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = two()
    monkeypatch.setattr(release, "read_services", dict)  # none is the product's
    monkeypatch.setattr(release, "alias_of", lambda _, function: FakeAlias(made, function.name))
    monkeypatch.setattr(release, "RecordStore", lambda state: made)
    monkeypatch.setattr(release, "find_expendable", lambda alias, store: ())
    monkeypatch.setattr(release, "steps_of", lambda environment: (Step(100, 0),))
    return made


def of(state: bytes | None = STATE) -> Context:
    found = cast(Any, context(STACK, state))
    found.options = type("Options", (), {"pace": 1.0})()
    return cast(Context, found)


def test_a_release_has_every_alias_of_the_state(world: World) -> None:
    opened = open_release(of(), guarded=False)
    assert (opened.fleet.functions, opened.chosen) == (("f", "g"), frozenset())


@pytest.mark.parametrize(("word", "function"), [("notes", "g"), ("f", "f")])
def test_a_function_is_chosen_by_service_or_name(world: World, word: str, function: str) -> None:
    assert open_release(of(), guarded=False, function=word).chosen == {function}


def test_a_function_that_is_not_deployed_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="FUNCTION=note is not deployed -> use one of: orders, notes"):
        open_release(of(), guarded=False, function="note")


@pytest.mark.parametrize("state", [None, document()])
def test_without_an_alias_nothing_is_deployed(state: bytes | None) -> None:
    with pytest.raises(HarnessError, match="is not deployed -> make up"):
        open_release(of(state), guarded=False)


def test_after_an_apply_every_function_serves_what_was_published(world: World) -> None:
    release_at_once(of())
    assert (whole(world, "f"), whole(world, "g")) == (("2", ""), ("8", ""))


def test_an_alias_that_cannot_be_moved_after_an_apply_is_an_error(world: World) -> None:
    world.functions["g"].refuses = "8"
    with pytest.raises(HarnessError, match="AWS refuses update_alias -> make release ENV=somewhere SUFFIX=alice tries"):
        release_at_once(of())
    assert (whole(world, "f"), whole(world, "g")) == (("1", ""), ("7", ""))


def test_what_waits_to_be_released_is_said_of_each_function(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "steps_of", lambda _: ("canary", "all"))
    world.functions["f"].version = "2"
    assert release_or_say(of()) == "make release ENV=somewhere SUFFIX=alice"
    said = capsys.readouterr().err
    assert "version 8 of g is published, 7 is live\n" in said
    assert "of f" not in said
    assert world.changes == 0


@pytest.mark.parametrize("waiting", ["make release ENV=somewhere", ""])
def test_an_apply_ends_with_one_command_to_go_on_with(
    waiting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(apply, "open_context", lambda _: of())
    monkeypatch.setattr(apply, "apply_saved", lambda _: None)
    monkeypatch.setattr(apply, "deploy_again", lambda _: None)
    monkeypatch.setattr(apply, "release_or_say", lambda _: waiting)
    assert apply.run(read_options({})) == 0
    assert capsys.readouterr().err == f"  applied; next: {waiting or 'make smoke ENV=somewhere SUFFIX=alice'}\n"


def test_drift_expects_each_alias_where_its_own_releases_left_it() -> None:
    record = Record({"f": Line((Served("1"), Served("2", 1))), "g": Line((Served("7"),))})
    assert {name: (live.version, live.moving) for name, live in live_of(record).items()} == {
        "f": ("2", False),
        "g": ("7", False),
    }


def test_a_drill_takes_the_first_guarded_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    def blueprint(**guarded: bool) -> None:
        listed = {name: Environment(guarded=value) for name, value in guarded.items()}
        monkeypatch.setattr(drill, "read_blueprint", lambda: Blueprint("p", "p", "r", listed))

    blueprint(one=False, two=True, three=True)
    assert default_environment() == "two"
    blueprint(one=False)
    with pytest.raises(UsageError, match="no environment is guarded -> use one of: one"):
        default_environment()
