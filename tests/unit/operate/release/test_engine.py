"""Releases against a small model of AWS: killed at every moment, both ways out; what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from harness.base.errors import HarnessError
from harness.operate.release import Alias, Outcome, Pointer, Record, RecordStore, Release, Running, Step, Watch
from harness.operate.release.record import Process

STEPS = (Step(10, 0.00001), Step(50, 0.00001), Step(100, 0.00001))
MOMENTS = range(10)


class Killed(BaseException):
    """The process dies here."""


@dataclass
class World:
    """What AWS holds; dies before or after its ``dies_at``-th change, as told."""

    version: str = "1"
    candidate: str = ""
    weight: float = 0.0
    revision: int = 0
    versions: tuple[str, ...] = ("1", "2")
    record: Record = field(default_factory=Record)
    alarm: Callable[[World], str] = lambda world: ""
    dies_at: int = -1
    after: bool = False
    changes: int = 0

    def change(self, make: Callable[[], None]) -> None:
        dies = self.changes == self.dies_at
        self.changes += 1
        if dies and not self.after:
            raise Killed
        make()
        if dies:
            raise Killed

    # The alias.
    def pointer(self) -> Pointer:
        return Pointer(self.version, self.candidate, self.weight, str(self.revision))

    def move(self, now: Pointer, version: str, candidate: str = "", weight: float = 0) -> Pointer:
        if now.revision != str(self.revision):
            raise HarnessError("somebody else moved the alias")

        def make() -> None:
            self.version, self.candidate, self.weight = version, candidate, weight
            self.revision += 1

        self.change(make)
        return self.pointer()

    # The record.
    def load(self) -> Record:
        return self.record

    def save(self, record: Record) -> None:
        self.change(lambda: setattr(self, "record", record))

    # The alarms.
    def firing(self) -> str:
        return self.alarm(self)


@dataclass
class FakeAlias:
    world: World

    def __getattr__(self, name: str) -> Any:
        return (lambda: self.world.versions) if name == "versions" else getattr(self.world, name)


def release(world: World, **settings: Any) -> Release:
    said: list[str] = []
    return Release(
        alias=cast(Alias, FakeAlias(world)),
        watch=cast(Watch, world),
        store=cast(RecordStore, world),
        steps=settings.pop("steps", STEPS),
        words="ENV=prod",
        say=said.append,
        _process=settings.pop("process", Process("here", 0, 0.0)),
        **settings,
    )


def whole(world: World) -> tuple[str, str]:
    assert world.record.running is None
    return world.version, world.candidate


def test_a_good_version_is_released_in_steps() -> None:
    world = World()
    assert release(world).forward() is Outcome.RELEASED
    assert whole(world) == ("2", "")
    assert world.record.history == ("1", "2")
    assert world.revision == len(STEPS)


@pytest.mark.parametrize("step", [0, 1, 2])
def test_an_alarm_takes_it_back_and_says_why(step: int) -> None:
    weights = [0.1, 0.5, 0.0]
    world = World(alarm=lambda w: "service: on" if w.revision == step + 1 and w.weight == weights[step] else "")
    one = release(world)
    assert one.forward() is Outcome.ROLLED_BACK
    assert whole(world) == ("1", "")
    assert f"at {STEPS[step].percent} %: service: on" in one.result
    assert list(world.record.rejected) == ["2"]
    assert world.record.history == ("1",)


def test_alarms_that_cannot_be_read_take_it_back() -> None:
    def gone(world: World) -> str:
        if world.revision:
            raise HarnessError("the alarm service is gone")
        return ""

    world = World(alarm=gone)
    one = release(world)
    assert one.forward() is Outcome.ROLLED_BACK
    assert "nobody watches: the alarm service is gone" in one.result


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
    untouched = world.record == Record() and world.version == "1"
    if way == "back" and untouched:
        with pytest.raises(HarnessError, match="no previous version"):
            release(world).back()
    else:
        getattr(release(world), way)()
    assert whole(world) == (ends, "")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("moment", range(3, 8))
def test_killed_while_it_is_taken_back_the_next_release_finishes_that(moment: int, after: bool) -> None:
    world = World(alarm=lambda w: "service: on" if w.candidate else "", dies_at=moment, after=after)
    killed = False
    try:
        release(world).forward()
    except Killed:
        killed = True
    world.dies_at = -1
    world.alarm = lambda w: ""  # with no request on the new version the alarm goes off: it must not be tried again
    begun = world.revision == 2 or bool(world.record.running and world.record.running.back)
    if killed and world.record.running:
        assert release(world).forward() is (Outcome.ROLLED_BACK if begun else Outcome.RELEASED)
    assert whole(world) == ("1" if begun else "2", "")
    assert begun is ("2" in world.record.rejected)


def test_an_interrupted_release_is_taken_back_when_an_alarm_is_on() -> None:
    world = World(dies_at=1, after=True)
    with pytest.raises(Killed):
        release(world).forward()
    world.alarm = lambda w: "service: on"
    assert release(world).forward() is Outcome.ROLLED_BACK
    assert whole(world) == ("1", "")


def test_a_split_alias_without_a_record_counts_as_half_done() -> None:
    world = World(candidate="2", weight=0.1)
    with pytest.raises(HarnessError, match=r"half done, at 10 % -> make release .* finishes it, make rollback"):
        release(world).forward("1")
    release(world).back()
    assert whole(world) == ("1", "")


def test_a_running_release_is_not_joined_but_can_be_taken_over() -> None:
    running = Running("1", "2", 10, "", "bob@elsewhere", Process("elsewhere", 1, 0.0), until=1e12)
    world = World(candidate="2", weight=0.1, record=Record(("1",), {}, running))
    with pytest.raises(HarnessError, match=r"by bob@elsewhere\) is running, at 10 % -> wait for it, or make rollback"):
        release(world).forward()
    assert world.changes == 0
    release(world).back()
    assert whole(world) == ("1", "")


def test_a_release_on_another_machine_that_is_overdue_is_dead() -> None:
    running = Running("1", "2", 10, "", "bob@elsewhere", Process("elsewhere", 1, 0.0), until=1.0)
    world = World(candidate="2", weight=0.1, record=Record(("1",), {}, running))
    assert release(world).forward() is Outcome.RELEASED
    assert whole(world) == ("2", "")


@pytest.mark.parametrize(
    ("world", "way", "message"),
    [
        (World(), ("forward", "9"), "VERSION=9 is not a published version -> use one of: 1, 2"),
        (World(versions=("1",)), ("back",), "version 1 has no previous version that was live -> make release"),
        (World(alarm=lambda w: "service: on"), ("forward",), "an alarm is on before the release: service: on -> wait"),
        (World(record=Record(("1",), {"2": "it failed"})), ("forward",), r"version 2 was taken back \(it failed\) ->"),
        (World(record=Record(("1", "0"), {})), ("back",), None),
    ],
)
def test_bad_input_changes_nothing(world: World, way: tuple[str, ...], message: str | None) -> None:
    if message is None:  # a version that was deleted since is not returned to
        world.version = "0"
        world.versions = ("0",)
        message = "no previous version"
    before = world.pointer(), world.record
    with pytest.raises(HarnessError, match=message):
        getattr(release(world), way[0])(*way[1:])
    assert (world.pointer(), world.record, world.changes) == (*before, 0)


def test_rolling_back_again_goes_further_back_and_never_to_and_fro() -> None:
    world = World(version="3", versions=("1", "2", "3"), record=Record(("1", "2", "3")))
    release(world).back()
    assert whole(world) == ("2", "")
    release(world).back()
    assert whole(world) == ("1", "")
    with pytest.raises(HarnessError, match="no previous version"):
        release(world).back()


def test_a_version_that_was_taken_back_is_released_when_insisted_on() -> None:
    world = World(record=Record(("1",), {"2": "it failed"}))
    assert release(world).forward("2") is Outcome.RELEASED
    assert world.record.rejected == {}


def test_an_alias_moved_by_hand_is_where_a_rollback_starts() -> None:
    world = World(version="3", versions=("1", "2", "3"), record=Record(("1", "2")))
    release(world).back()
    assert whole(world) == ("2", "")
