"""Releases against a small model of AWS: killed at every moment, both ways out; what is refused changes nothing."""

from __future__ import annotations

import pytest
from tests.support.release_world import STEPS, Killed, World, history, one, rejecting, release, served, whole

from harness.base.errors import HarnessError
from harness.base.process import Process
from harness.operate.release.engine import Outcome
from harness.operate.release.record import Move, Record, Running
from harness.operate.release.steps import Step, lasting

MOMENTS = range(10)


def test_a_good_version_is_released_in_steps() -> None:
    world = World()
    assert release(world).forward() is Outcome.RELEASED
    assert whole(world) == ("2", "")
    assert served(world) == ("1", "2")
    assert world.f.revision == len(STEPS)


def test_a_release_says_its_steps_how_long_it_takes_and_what_an_interrupt_leaves() -> None:
    said: list[str] = []
    release(World(), said=said, steps=(Step(10, 12), Step(50, 12), Step(100, 0)), pace=1e6).forward()
    ways = "make release ENV=live goes on or make rollback ENV=live takes it back"
    assert said[0] == (
        "  0.0014 s in all. To interrupt it is safe: the requests stay shared as they are, unwatched, until " + ways
    )
    assert said[1:] == [
        "  step 1 of 3: version 2 gets 10 % of the requests; watching for 0.00072 s",
        "  step 2 of 3: version 2 gets 50 % of the requests; watching for 0.00072 s",
        "  step 3 of 3: version 2 gets 100 % of the requests",
    ]


def test_one_step_without_a_wait_is_said_in_few_words() -> None:
    said: list[str] = []
    release(World(), said=said, steps=(Step(100, 0),)).forward()
    assert said == ["  version 2 gets 100 % of the requests"]


def test_going_on_counts_the_steps_that_are_left() -> None:
    said: list[str] = []
    running = Running({"f": Move("1", "2")}, 50, "", True, "me", Process("", 0, 0.0), 0.0)
    world = World()
    world.record = Record(running=running)
    release(world, said=said).forward()
    assert [line.split(":")[0] for line in said[2:]] == ["  step 2 of 3", "  step 3 of 3"]


@pytest.mark.parametrize(("seconds", "told"), [(720, "12 min"), (2160, "36 min"), (90, "1.5 min"), (12, "12 s")])
def test_waits_are_written_as_people_say_them(seconds: float, told: str) -> None:
    assert lasting(seconds) == told


@pytest.mark.parametrize("step", [0, 1, 2])
def test_an_alarm_takes_it_back_and_says_why(step: int) -> None:
    weights = [0.1, 0.5, 0.0]
    world = World(alarm=lambda w: "service: on" if w.f.revision == step + 1 and w.f.weight == weights[step] else "")
    run = release(world)
    assert run.forward() is Outcome.ROLLED_BACK
    assert whole(world) == ("1", "")
    assert f"at {STEPS[step].percent} %: service: on" in run.result
    assert list(world.record.line("f").rejected) == ["2"]
    assert served(world) == ("1",)


def test_alarms_that_cannot_be_read_take_it_back() -> None:
    def gone(world: World) -> str:
        if world.f.revision:
            raise HarnessError("the alarm service is gone")
        return ""

    world = World(alarm=gone)
    run = release(world)
    assert run.forward() is Outcome.ROLLED_BACK
    assert "nobody watches: the alarm service is gone" in run.result


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("way", "ends"), [("forward", "2"), ("back", "1")])
def test_killed_at_any_moment_both_ways_out_work(moment: int, after: bool, way: str, ends: str) -> None:
    world = World(dies_at=moment, after=after)
    try:
        release(world).forward()
        assert moment >= 7, "a release of three steps makes seven changes"
    except Killed:
        pass
    world.dies_at = -1
    untouched = world.record == Record() and world.f.version == "1"
    if way == "back" and untouched:
        with pytest.raises(HarnessError, match="no previous version"):
            release(world).back()
    else:
        getattr(release(world), way)()
    assert whole(world) == (ends, "")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("moment", range(3, 8))
def test_killed_while_it_is_taken_back_the_next_release_finishes_that(moment: int, after: bool) -> None:
    world = World(alarm=lambda w: "service: on" if w.f.candidate else "", dies_at=moment, after=after)
    killed = False
    try:
        release(world).forward()
    except Killed:
        killed = True
    world.dies_at = -1
    world.alarm = lambda w: ""  # with no request on the new version the alarm goes off: it must not be tried again
    begun = world.f.revision == 2 or bool(world.record.running and world.record.running.back)
    if killed and world.record.running:
        assert release(world).forward() is (Outcome.ROLLED_BACK if begun else Outcome.RELEASED)
    assert whole(world) == ("1" if begun else "2", "")
    assert begun is ("2" in world.record.line("f").rejected)


def test_an_interrupted_release_is_taken_back_when_an_alarm_is_on() -> None:
    world = World(dies_at=1, after=True)
    with pytest.raises(Killed):
        release(world).forward()
    world.alarm = lambda w: "service: on"
    assert release(world).forward() is Outcome.ROLLED_BACK
    assert whole(world) == ("1", "")


def test_a_split_alias_without_a_record_counts_as_half_done() -> None:
    world = one(candidate="2", weight=0.1)
    with pytest.raises(HarnessError, match=r"half done, at 10 % -> make release .* finishes it, make rollback"):
        release(world).forward("1")
    release(world).back()
    assert whole(world) == ("1", "")


def test_a_running_release_is_not_joined_but_can_be_taken_over() -> None:
    running = Running({"f": Move("1", "2")}, 10, "", True, "bob@elsewhere", Process("elsewhere", 1, 0.0), until=1e12)
    world = one(candidate="2", weight=0.1, record=Record(history("1").functions, running))
    with pytest.raises(HarnessError, match=r"by bob@elsewhere\) is running, at 10 % -> wait for it, or make rollback"):
        release(world).forward()
    assert world.changes == 0
    release(world).back()
    assert whole(world) == ("1", "")


def test_a_release_on_another_machine_that_is_overdue_is_dead() -> None:
    running = Running({"f": Move("1", "2")}, 10, "", True, "bob@elsewhere", Process("elsewhere", 1, 0.0), until=1.0)
    world = one(candidate="2", weight=0.1, record=Record(history("1").functions, running))
    assert release(world).forward() is Outcome.RELEASED
    assert whole(world) == ("2", "")


@pytest.mark.parametrize(
    ("world", "way", "message"),
    [
        (World(), ("forward", "9"), "VERSION=9 is not a published version -> use one of: 1, 2"),
        (one(versions=("1",)), ("back",), "version 1 has no previous version that was live -> make release"),
        (World(alarm=lambda w: "service: on"), ("forward",), "an alarm is on before the release: service: on -> wait"),
        (World(record=rejecting("2")), ("forward",), r"version 2 was taken back \(it failed\) ->"),
        (one(version="0", versions=("0",), record=history("1", "0")), ("back",), "no previous version"),
    ],
)
def test_bad_input_changes_nothing(world: World, way: tuple[str, ...], message: str) -> None:
    before = (str(world.functions), world.record)
    with pytest.raises(HarnessError, match=message):
        getattr(release(world), way[0])(*way[1:])
    assert (str(world.functions), world.record, world.changes) == (*before, 0)


def test_rolling_back_again_goes_further_back_and_never_to_and_fro() -> None:
    world = one(version="3", versions=("1", "2", "3"), record=history("1", "2", "3"))
    release(world).back()
    assert whole(world) == ("2", "")
    release(world).back()
    assert whole(world) == ("1", "")
    with pytest.raises(HarnessError, match="no previous version"):
        release(world).back()


def test_a_rollback_over_a_version_that_is_gone_forgets_it() -> None:
    world = one(version="3", versions=("1", "3"), record=history("1", "2", "3"))
    release(world).back()
    assert (whole(world), served(world)) == (("1", ""), ("1",))


def test_a_version_that_was_taken_back_is_released_when_insisted_on() -> None:
    world = World(record=rejecting("2"))
    assert release(world).forward("2") is Outcome.RELEASED
    assert world.record.line("f").rejected == {}


def test_an_alias_moved_by_hand_is_where_a_rollback_starts() -> None:
    world = one(version="3", versions=("1", "2", "3"), record=history("1", "2"))
    release(world).back()
    assert whole(world) == ("2", "")
