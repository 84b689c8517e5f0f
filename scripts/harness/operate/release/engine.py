"""Taking versions live step by step, and back. What is about to happen is written down before it happens.

So whatever is killed at whatever moment, the record beside the state and the aliases themselves say where it stopped:
the next release goes on from there, a rollback takes it back. Functions that are released together move together: one
that cannot be moved, or an alarm, takes all of them back.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from harness.base.errors import HarnessError, UsageError
from harness.base.process import Process, this_process
from harness.operate.release.fleet import Fleet, Pointers, moves_back, moves_forward, sources, targets, within
from harness.operate.release.record import Move, Record, Running, this_person
from harness.operate.release.steps import Step, lasting
from harness.operate.release.store import RecordStore
from harness.operate.release.watch import Watch

_POLL_SECONDS = 10.0  # CloudWatch evaluates once a minute; this only bounds how late it is noticed
_GRACE_SECONDS = 60.0  # how late a living release may be with its next step


class Outcome(StrEnum):
    """End of a release."""

    RELEASED = "released"
    UNCHANGED = "unchanged"
    ROLLED_BACK = "rolled back"


@dataclass
class Release:
    """Releases of a stack.

    Attributes:
        watch: the alarms; ``None`` to watch none.
        steps: weights and waits; the last one is 100 %.
        words: the Makefile variables that name the stack, for remedies.
        say: told about every step.
        pace: divides every wait; 1 on AWS.
        chosen: the functions that are asked for; empty: all.
        hides: says what moves would hide while both versions answer; empty when nothing.
        result: what happened, in one line.
    """

    fleet: Fleet
    watch: Watch | None
    store: RecordStore
    steps: Sequence[Step]
    words: str
    say: Callable[[str], None]
    pace: float = 1.0
    chosen: frozenset[str] = frozenset()
    hides: Callable[[Mapping[str, Move]], str] = lambda _: ""
    result: str = ""
    _who: str = field(default_factory=this_person)
    _process: Process = field(default_factory=this_process)

    def forward(self, version: str = "") -> Outcome:
        """Make the newest versions live (``version`` of the chosen function), or go on with an interrupted release.

        Raises:
            HarnessError: no such version, an alarm is on already, another release runs, AWS refuses.
        """
        pointers, record = self.fleet.pointers(), self.store.load()
        running = self._unfinished(pointers, record)
        if running is not None:
            return self._resume(pointers, record, running, version)
        record = record.seen(_live(pointers))
        forward = moves_forward(self.fleet, record, self.chosen, version, self.words)
        for line in forward.said:
            self.say(f"  {line}")
        if not forward.moves:
            live = {function: pointers[function].version for function in self.chosen or self.fleet.functions}
            return self._end(
                Outcome.UNCHANGED, f"{self.fleet.called(live)} {'is' if len(live) == 1 else 'are'} live already"
            )
        reason = self._firing()
        if reason:
            raise HarnessError(
                f"an alarm is on before the release: {reason}",
                f"wait until it is off, or make rollback {self.words} if the last release is the cause",
            )
        if hidden := self.hides(forward.moves):
            raise HarnessError(hidden, "release a version that reads them first: docs/runbooks/index-change.md")
        return self._walk(pointers, record, forward.moves, self.steps)

    def back(self) -> Outcome:
        """Return to the versions that the last release replaced; of one under way, to those it began with.

        Raises:
            HarnessError: there is no previous version, or AWS refuses.
        """
        pointers, record = self.fleet.pointers(), self.store.load()
        running = self._unfinished(pointers, record)
        if running is None:
            record = record.seen(_live(pointers))
            running = self._running(moves_back(self.fleet, record, self.chosen, self.words), 100, 0)
        else:
            self._require_whole(running, "")
            if self._alive(running):
                self.say(f"  taking over from {running.who}, whose release of {self._targets(running)} runs")
        return self._undo(replace(record, running=running), f"rolled back by {self._who}", force=True)

    def _resume(self, pointers: Pointers, record: Record, running: Running, version: str) -> Outcome:
        half_done = self._told(running)
        if self._alive(running):
            raise HarnessError(
                f"{half_done} is running, at {running.percent} %",
                f"wait for it, or make rollback {self.words} takes it back",
            )
        self._require_whole(running, version)
        for function, move in running.moves.items():
            if not within(pointers[function], move):
                raise HarnessError(
                    f"{half_done} is half done, but the alias of {function} points at {pointers[function].version}",
                    f"make rollback {self.words} returns to {self.fleet.called(sources(running.moves))}",
                )
        record = replace(record, running=running)
        if running.back:
            self.say(f"  {half_done} was being taken back: finishing that")
            return self._undo(record, running.back, blamed=running.blamed)
        self.say(f"  {half_done} was interrupted at {running.percent} %: going on (make rollback takes it back)")
        reason = self._firing()
        if reason:
            return self._undo(record, reason)
        left = [step for step in self.steps if step.percent >= running.percent] or [self.steps[-1]]
        return self._walk(pointers, record, running.moves, left)

    def _require_whole(self, running: Running, version: str) -> None:
        """Refuse to go on with a part of a half-done release, or with other versions."""
        other = bool(version) and {*targets(running.moves).values()} != {version}
        if other or (self.chosen and self.chosen != running.moves.keys()):
            raise UsageError(
                f"{self._told(running)} is half done, at {running.percent} %",
                f"make release {self.words} finishes it, make rollback {self.words} takes it back",
            )

    def _walk(self, pointers: Pointers, record: Record, moves: Mapping[str, Move], steps: Sequence[Step]) -> Outcome:
        told = self.fleet.called(targets(moves))
        self._foretell(steps)
        for number, step in enumerate(steps, len(self.steps) - len(steps) + 1):
            seconds = step.minutes * 60 / self.pace
            record = replace(record, running=self._running(moves, step.percent, seconds))
            self.store.save(record)
            try:
                self.fleet.shift(pointers, moves, step.percent)
            except HarnessError as error:
                return self._undo(record, f"at {step.percent} %: {error.tried}", blamed=False)
            gets = "gets" if len(moves) == 1 else "each get"
            which = f"step {number} of {len(self.steps)}: " if len(self.steps) > 1 else ""
            watching = f"; watching for {lasting(seconds)}" if seconds else ""
            self.say(f"  {which}{told} {gets} {step.percent} % of the requests{watching}")
            reason = self._watched(seconds)
            if reason:
                return self._undo(record, f"at {step.percent} %: {reason}")
        self.store.save(record.finished())
        each = (f"{self.fleet.called({name: move.target})} serves every request (before: {move.source})"
                for name, move in moves.items())  # fmt: skip
        return self._end(Outcome.RELEASED, "; ".join(each))

    def _foretell(self, steps: Sequence[Step]) -> None:
        """Say how long it takes, and what an interrupt leaves."""
        if seconds := sum(step.minutes for step in steps) * 60 / self.pace:
            self.say(
                f"  {lasting(seconds)} in all. To interrupt it is safe: the requests stay shared as they are, "
                f"unwatched, until make release {self.words} goes on or make rollback {self.words} takes it back"
            )

    def _undo(self, record: Record, reason: str, *, force: bool = False, blamed: bool = True) -> Outcome:
        if record.running is None:
            raise AssertionError("nothing to take back")
        until = time.time() + _GRACE_SECONDS
        running = replace(record.running, back=reason, blamed=blamed, who=self._who, process=self._process, until=until)
        record = replace(record, running=running)
        self.store.save(record)
        try:
            left = self.fleet.take_back(running.moves, force=force)
        except HarnessError as error:
            raise HarnessError(f"{error.tried} (after: {reason})", f"make rollback {self.words} goes on") from error
        self.store.save(record.taken_back(reason))
        for function in left:
            self.say(f"  the alias of {function} was moved by somebody else and stays where it is")
        each = (f"{self.fleet.called({name: move.source})} serves every request, {move.target} was taken back"
                for name, move in running.moves.items() if name not in left)  # fmt: skip
        return self._end(Outcome.ROLLED_BACK, f"{'; '.join(each) or 'nothing was taken back'}: {reason}")

    def _watched(self, seconds: float) -> str:
        """Wait, and return the reason to stop, or ``""``."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_SECONDS / self.pace))
            try:
                reason = self._firing()
            except HarnessError as error:
                reason = f"nobody watches: {error.tried}"
            if reason:
                return reason
        return ""

    def _firing(self) -> str:
        return self.watch.firing() if self.watch is not None else ""

    def _alive(self, running: Running) -> bool:
        return running.alive(self._process.host, time.time())

    def _running(self, moves: Mapping[str, Move], percent: int, seconds: float) -> Running:
        until = time.time() + seconds + _GRACE_SECONDS
        return Running(moves, percent, "", True, self._who, self._process, until)

    def _unfinished(self, pointers: Pointers, record: Record) -> Running | None:
        """Find the release that is half done: as recorded, or as the aliases themselves show."""
        if record.running is not None:
            there = {name: move for name, move in record.running.moves.items() if name in pointers}
            return replace(record.running, moves=there) if there else None
        split = {name: pointer for name, pointer in pointers.items() if pointer.candidate}
        if not split:
            return None
        moves = {name: Move(pointer.version, pointer.candidate) for name, pointer in split.items()}
        percent = max(1, *(round(pointer.weight * 100) for pointer in split.values()))
        return Running(moves, percent, "", True, "somebody", Process("", 0, 0.0), 0.0)

    def _told(self, running: Running) -> str:
        before = " and ".join(sources(running.moves).values())
        return f"the release of {self._targets(running)} (from {before}, by {running.who})"

    def _targets(self, running: Running) -> str:
        return self.fleet.called(targets(running.moves))

    def _end(self, outcome: Outcome, told: str) -> Outcome:
        self.result = told
        return outcome


def _live(pointers: Pointers) -> dict[str, str]:
    return {function: pointer.version for function, pointer in pointers.items()}
