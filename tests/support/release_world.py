"""A small model of AWS for releases: aliases, the record and the alarms, that dies at a chosen change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from harness.base.errors import HarnessError
from harness.base.process import Process
from harness.operate.release.alias import Alias, Pointer
from harness.operate.release.engine import Release
from harness.operate.release.fleet import Fleet
from harness.operate.release.record import Line, Record, Served
from harness.operate.release.steps import Step
from harness.operate.release.store import RecordStore
from harness.operate.release.watch import Watch

STEPS = (Step(10, 0.00001), Step(50, 0.00001), Step(100, 0.00001))


class Killed(BaseException):
    """The process dies here."""


@dataclass
class At:
    """One function's alias."""

    version: str = "1"
    candidate: str = ""
    weight: float = 0.0
    revision: int = 0
    versions: tuple[str, ...] = ("1", "2")
    refuses: str = ""


@dataclass
class World:
    """What AWS holds; dies before or after its ``dies_at``-th change, as told."""

    functions: dict[str, At] = field(default_factory=lambda: {"f": At()})
    record: Record = field(default_factory=Record)
    alarm: Callable[[World], str] = lambda world: ""
    dies_at: int = -1
    after: bool = False
    changes: int = 0

    @property
    def f(self) -> At:
        return self.functions["f"]

    def change(self, make: Callable[[], None]) -> None:
        dies = self.changes == self.dies_at
        self.changes += 1
        if dies and not self.after:
            raise Killed
        make()
        if dies:
            raise Killed

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
    function: str

    @property
    def at(self) -> At:
        return self.world.functions[self.function]

    def versions(self) -> tuple[str, ...]:
        return self.at.versions

    def pointer(self) -> Pointer:
        return Pointer(self.at.version, self.at.candidate, self.at.weight, str(self.at.revision))

    def move(self, now: Pointer, version: str, candidate: str = "", weight: float = 0) -> Pointer:
        if now.revision != str(self.at.revision):
            raise HarnessError("somebody else moved the alias")
        if self.at.refuses == (candidate or version):
            raise HarnessError("AWS refuses update_alias")

        def make() -> None:
            self.at.version, self.at.candidate, self.at.weight = version, candidate, weight
            self.at.revision += 1

        self.world.change(make)
        return self.pointer()


def one(**settings: Any) -> World:
    """Return a world of one function."""
    world = {name: settings.pop(name) for name in ("record", "alarm", "dies_at", "after") if name in settings}
    return World({"f": At(**settings)}, **world)


def two(**settings: Any) -> World:
    """Return a world of two functions, of which both have a new version."""
    return World({"f": At(), "g": At(version="7", versions=("6", "7", "8"))}, **settings)


def history(*versions: str) -> Record:
    """Return a record of one function's releases, one after the other."""
    return Record({"f": Line(tuple(Served(version, number) for number, version in enumerate(versions)))})


def rejecting(version: str) -> Record:
    """Return a record of a version that was taken back."""
    return Record({"f": Line((Served("1"),), {version: "it failed"})})


def release(world: World, **settings: Any) -> Release:
    said: list[str] = settings.pop("said", [])
    return Release(
        fleet=Fleet(tuple(cast(Alias, FakeAlias(world, function)) for function in world.functions)),
        watch=cast(Watch, world),
        store=cast(RecordStore, world),
        steps=settings.pop("steps", STEPS),
        words="ENV=live",
        say=said.append,
        _process=settings.pop("process", Process("here", 0, 0.0)),
        **settings,
    )


def whole(world: World, function: str = "f") -> tuple[str, str]:
    assert world.record.running is None
    return world.functions[function].version, world.functions[function].candidate


def served(world: World, function: str = "f") -> tuple[str, ...]:
    return tuple(each.version for each in world.record.line(function).history)
