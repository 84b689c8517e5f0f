"""Functions that are released together move together: all or none, said which, and no other is touched."""

from __future__ import annotations

import pytest
from tests.support.release_world import STEPS, At, Killed, World, release, served, two, whole

from harness.base.errors import HarnessError, UsageError
from harness.base.process import Process
from harness.operate.release.engine import Outcome
from harness.operate.release.record import Line, Move, Record, Running, Served

MOMENTS = range(13)


def ends(world: World) -> tuple[tuple[str, str], tuple[str, str]]:
    return whole(world, "f"), whole(world, "g")


def test_every_function_goes_live_step_by_step_and_each_is_said() -> None:
    world = two()
    said: list[str] = []
    run = release(world, said=said)
    assert run.forward() is Outcome.RELEASED
    assert ends(world) == (("2", ""), ("8", ""))
    assert [at.revision for at in world.functions.values()] == [len(STEPS)] * 2
    assert (served(world, "f"), served(world, "g")) == (("1", "2"), ("7", "8"))
    assert said[1].startswith(
        "  step 1 of 3: version 2 of f and version 8 of g each get 10 % of the requests; watching for"
    )
    assert run.result == (
        "version 2 of f serves every request (before: 1); version 8 of g serves every request (before: 7)"
    )


def test_a_function_whose_newest_version_is_live_is_left_and_said() -> None:
    world = two()
    said: list[str] = []
    world.functions["f"] = At(version="2")
    assert release(world, said=said).forward() is Outcome.RELEASED
    assert said[0] == "  version 2 of f is live already"
    assert (world.functions["f"].revision, ends(world)) == (0, (("2", ""), ("8", "")))
    again = release(world)
    assert again.forward() is Outcome.UNCHANGED
    assert again.result == "version 2 of f and version 8 of g are live already"


@pytest.mark.parametrize("weight", [0.1, 0.5, 0.0])
def test_an_alarm_takes_all_of_them_back(weight: float) -> None:
    at = {0.1: 1, 0.5: 2, 0.0: 3}[weight]
    world = two(alarm=lambda w: "service: on" if w.functions["g"].revision == at else "")
    run = release(world)
    assert run.forward() is Outcome.ROLLED_BACK
    assert ends(world) == (("1", ""), ("7", ""))
    assert run.result.startswith(
        "version 1 of f serves every request, 2 was taken back; version 7 of g serves every request, 8 was taken back"
    )
    assert [list(world.record.line(name).rejected) for name in "fg"] == [["2"], ["8"]]


@pytest.mark.parametrize("function", ["f", "g"])
def test_one_that_cannot_be_moved_takes_all_of_them_back_and_blames_no_version(function: str) -> None:
    world = two()
    world.functions[function].refuses = {"f": "2", "g": "8"}[function]
    run = release(world)
    assert run.forward() is Outcome.ROLLED_BACK
    assert ends(world) == (("1", ""), ("7", ""))
    assert "at 10 %: AWS refuses update_alias" in run.result
    world.functions[function].refuses = ""
    assert release(world).forward() is Outcome.RELEASED
    assert ends(world) == (("2", ""), ("8", ""))


def test_one_that_cannot_be_taken_back_does_not_keep_the_others_and_is_told() -> None:
    world = two(alarm=lambda w: "service: on" if w.functions["g"].candidate else "")
    world.functions["f"].refuses = "1"
    with pytest.raises(HarnessError, match=r"could be taken back: f: AWS refuses .*service: on\) -> make rollback"):
        release(world).forward()
    assert (world.functions["f"].candidate, world.functions["g"].candidate) == ("2", "")
    world.functions["f"].refuses = ""
    assert release(world).forward() is Outcome.ROLLED_BACK
    assert ends(world) == (("1", ""), ("7", ""))


def test_an_alias_that_somebody_else_moved_meanwhile_is_left_where_it_is() -> None:
    def moved(world: World) -> str:
        if world.functions["f"].candidate:
            world.functions["g"] = At(version="6", versions=("6", "7", "8"), revision=9)
            return "service: on"
        return ""

    world = two(alarm=moved)
    said: list[str] = []
    run = release(world, said=said)
    assert run.forward() is Outcome.ROLLED_BACK
    assert ends(world) == (("1", ""), ("6", ""))
    assert "the alias of g was moved by somebody else and stays" in said[-1]
    assert run.result.startswith("version 1 of f serves every request, 2 was taken back: at 10 %")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("way", "expected"), [("forward", (("2", ""), ("8", ""))), ("back", (("1", ""), ("7", "")))])
def test_killed_at_any_moment_both_ways_out_work_for_all(
    moment: int, after: bool, way: str, expected: tuple[tuple[str, str], tuple[str, str]]
) -> None:
    world = two(dies_at=moment, after=after)
    try:
        release(world).forward()
        assert moment >= 10, "a release of two functions in three steps makes ten changes"
    except Killed:
        pass
    world.dies_at = -1
    if way == "back" and world.record == Record() and world.functions["f"].version == "1":
        with pytest.raises(HarnessError, match="no previous version"):
            release(world).back()
    else:
        getattr(release(world), way)()
    assert ends(world) == expected


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("moment", range(3, 7))
def test_killed_while_all_are_taken_back_the_next_release_finishes_that(moment: int, after: bool) -> None:
    world = two(alarm=lambda w: "service: on" if w.functions["g"].candidate else "", dies_at=moment, after=after)
    with pytest.raises(Killed):
        release(world).forward()
    world.dies_at, world.alarm = -1, lambda w: ""
    begun = bool(world.record.running and world.record.running.back)
    finished = world.record.running is None
    if not finished:
        assert release(world).forward() is (Outcome.ROLLED_BACK if begun else Outcome.RELEASED)
    assert ends(world) == ((("1", ""), ("7", "")) if begun or finished else (("2", ""), ("8", "")))


def test_a_version_says_of_which_function() -> None:
    world = two()
    with pytest.raises(UsageError, match="VERSION=6 could be of f, g -> say of which: FUNCTION=<service>"):
        release(world).forward("6")
    assert world.changes == 0
    assert release(world, chosen=frozenset("g")).forward("6") is Outcome.RELEASED
    assert ends(world) == (("1", ""), ("6", ""))


def test_a_version_that_was_taken_back_keeps_no_other_function_from_going_live() -> None:
    world = two(record=Record({"g": Line((Served("7"),), {"8": "it failed"})}))
    said: list[str] = []
    assert release(world, said=said).forward() is Outcome.RELEASED
    assert ends(world) == (("2", ""), ("7", ""))
    assert said[0].startswith("  version 8 of g stays out, it was taken back (it failed); to insist: make release")
    assert said[0].endswith("FUNCTION=g VERSION=8")
    with pytest.raises(UsageError, match=r"version 8 of g was taken back \(it failed\) -> .* FUNCTION=g VERSION=8"):
        release(world).forward()


def test_a_rollback_undoes_the_last_release_and_then_the_one_before() -> None:
    world = two()
    release(world, chosen=frozenset("g")).forward()
    world.functions["f"].versions = ("1", "2", "3")
    release(world).forward()  # f alone has a newer one
    assert ends(world) == (("3", ""), ("8", ""))
    release(world).back()
    assert ends(world) == (("1", ""), ("8", ""))
    release(world).back()
    assert ends(world) == (("1", ""), ("7", ""))
    with pytest.raises(HarnessError, match="has no previous version that was live -> make release ENV=live FUNCTION="):
        release(world).back()


def test_a_rollback_returns_all_that_were_released_together_or_the_one_that_is_named() -> None:
    world = two()
    release(world).forward()
    release(world, chosen=frozenset("g")).back()
    assert ends(world) == (("2", ""), ("7", ""))
    world = two()
    release(world).forward()
    release(world).back()
    assert ends(world) == (("1", ""), ("7", ""))


def test_a_rollback_of_which_one_version_is_gone_moves_nothing() -> None:
    world = two()
    release(world).forward()
    world.functions["g"].versions = ("8",)
    with pytest.raises(HarnessError, match="version 8 of g has no previous version"):
        release(world).back()
    assert ends(world) == (("2", ""), ("8", ""))


def test_a_function_that_was_added_since_is_no_release_to_go_back_from() -> None:
    world = two()
    added = world.functions.pop("g")
    release(world).forward()
    world.functions["g"] = added
    release(world).back()
    assert ends(world) == (("1", ""), ("7", ""))


def test_a_half_done_release_is_not_finished_or_taken_back_in_parts() -> None:
    moves = {"f": Move("1", "2"), "g": Move("7", "8")}
    running = Running(moves, 10, "", True, "bob@elsewhere", Process("elsewhere", 1, 0.0), until=1.0)
    world = two(record=Record({}, running))
    for way in ("forward", "back"):
        with pytest.raises(
            UsageError, match=r"version 2 of f and version 8 of g \(from 1 and 7, by bob@elsewhere\) is"
        ):
            getattr(release(world, chosen=frozenset("f")), way)()
    assert world.changes == 0


def test_a_function_that_is_gone_does_not_keep_the_others_half_done() -> None:
    moves = {"f": Move("1", "2"), "gone": Move("1", "2")}
    running = Running(moves, 10, "", True, "bob@elsewhere", Process("elsewhere", 1, 0.0), until=1.0)
    world = two(record=Record({}, running))
    release(world).back()
    assert ends(world) == (("1", ""), ("7", ""))
