"""The record of releases: which versions of each function served, which were taken back, and the release under way."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from harness.base.process import Process

_REMEMBERED = 50  # versions to go back to; more than anybody keeps


def this_person() -> str:
    """Return ``user@host``."""
    return f"{getpass.getuser()}@{os.uname().nodename}"


@dataclass(frozen=True, slots=True)
class Move:
    """Versions of one function in one release: the one that served before, the one that is to serve."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Running:
    """A release that is under way, or was when its process died.

    Attributes:
        percent: the step that was being taken.
        back: why it is being taken back, ``""`` while it goes forward.
        blamed: the versions themselves are the reason, so the next release leaves them out.
        who: ``user@host`` that runs it.
        process: the process that runs it.
        until: when it will next have written here, or be done; seconds since the epoch.
    """

    moves: Mapping[str, Move]
    percent: int
    back: str
    blamed: bool
    who: str
    process: Process
    until: float

    def alive(self, here: str, now: float) -> bool:
        """Tell whether it can still be running, seen from the host ``here`` at the time ``now``."""
        return self.process.alive() if self.process.host == here else now < self.until


@dataclass(frozen=True, slots=True)
class Served:
    """A version that served every request.

    Attributes:
        release: number of the release that made it serve, counted over all functions; 0: it served when first seen.
    """

    version: str
    release: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """Releases of one function.

    Attributes:
        history: versions that served every request, in order; the last one does now.
        rejected: versions that were taken back -> why.
    """

    history: tuple[Served, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)

    @property
    def live(self) -> str:
        """The version that serves, as far as releases know."""
        return self.history[-1].version if self.history else ""

    @property
    def release(self) -> int:
        """Number of the release that made it serve."""
        return self.history[-1].release if self.history else 0

    def served(self, version: str, release: int) -> Line:
        """Return this line with ``version`` as the one that serves; as it is when it does already."""
        if version == self.live:
            return self
        return replace(self, history=(*self.history, Served(version, release))[-_REMEMBERED:])

    def previous(self, versions: Iterable[str]) -> str:
        """Return the version to go back to, of those that still exist; ``""`` when there is none."""
        known = set(versions)
        earlier = (one.version for one in reversed(self.history))
        return next((version for version in earlier if version != self.live and version in known), "")

    def undone(self, move: Move) -> Line:
        """Return this line as it was when ``move.source`` served."""
        kept = tuple(one for one in self.history if one.version != move.target)
        at = [position for position, one in enumerate(kept) if one.version == move.source]
        return replace(self, history=kept[: at[-1] + 1]) if at else replace(self, history=(*kept, Served(move.source)))


@dataclass(frozen=True, slots=True)
class Record:
    """All releases of a stack."""

    functions: Mapping[str, Line] = field(default_factory=dict)
    running: Running | None = None

    def line(self, function: str) -> Line:
        """Return the releases of one function; an empty line before the first."""
        return self.functions.get(function, Line())

    def seen(self, live: Mapping[str, str]) -> Record:
        """Return this record with the versions that serve, whoever made them so."""
        # A function is first seen as it was deployed: that is no release to go back from.
        number = self._last() + 1
        lines = {name: self.line(name) for name in live}
        new = {name: line.served(live[name], number if line.history else 0) for name, line in lines.items()}
        return replace(self, functions={**self.functions, **new})

    def latest(self) -> tuple[str, ...]:
        """Return the functions that the latest release moved, or somebody by hand since."""
        last = max((line.release for line in self.functions.values()), default=0)
        return tuple(sorted(name for name, line in self.functions.items() if last and line.release == last))

    def finished(self) -> Record:
        """Return this record once its running release is done."""
        if self.running is None:
            return self
        moves = self.running.moves
        before = self.seen({name: move.source for name, move in moves.items()})
        number = before._last() + 1
        lines = {name: before.line(name).served(move.target, number) for name, move in moves.items()}
        for name, line in lines.items():
            rejected = {version: reason for version, reason in line.rejected.items() if version != line.live}
            lines[name] = replace(line, rejected=rejected)
        return Record({**before.functions, **lines})

    def taken_back(self, reason: str) -> Record:
        """Return this record once its running release is undone; versions to blame are remembered with the reason."""
        if self.running is None:
            return self
        lines = {name: self.line(name).undone(move) for name, move in self.running.moves.items()}
        if self.running.blamed:
            for name, move in self.running.moves.items():
                lines[name] = replace(lines[name], rejected={**lines[name].rejected, move.target: reason})
        return Record({**self.functions, **lines})

    def _last(self) -> int:
        return max((one.release for line in self.functions.values() for one in line.history), default=0)
