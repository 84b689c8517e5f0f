"""Taking a version live step by step, and back. What is about to happen is written down before it happens.

So whatever is killed at whatever moment, the record beside the state and the alias itself say where it stopped: the
next release goes on from there, a rollback takes it back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from harness.base.errors import HarnessError, UsageError
from harness.operate.release.alias import Alias, Pointer
from harness.operate.release.record import Process, Record, RecordStore, Running, this_person, this_process
from harness.operate.release.steps import Step
from harness.operate.release.watch import Watch

_POLL_SECONDS = 10.0  # CloudWatch evaluates once a minute; this only bounds how late it is noticed
_GRACE_SECONDS = 60.0  # how late a living release may be with its next step


class Outcome(StrEnum):
    """How it ended."""

    RELEASED = "released"
    UNCHANGED = "unchanged"
    ROLLED_BACK = "rolled back"


@dataclass
class Release:
    """Releases of one alias.

    Attributes:
        alias: what is moved.
        watch: the alarms; ``None`` to watch none.
        store: the record.
        steps: weights and waits; the last one is 100 %.
        words: the Makefile variables that name the stack, for remedies.
        say: told about every step.
        pace: divides every wait; 1 on AWS.
        result: what happened, in one line.
    """

    alias: Alias
    watch: Watch | None
    store: RecordStore
    steps: Sequence[Step]
    words: str
    say: Callable[[str], None]
    pace: float = 1.0
    result: str = ""
    _who: str = field(default_factory=this_person)
    _process: Process = field(default_factory=this_process)

    def forward(self, version: str = "") -> Outcome:
        """Make ``version`` (the newest when empty) live, or go on with the release that was interrupted.

        Raises:
            HarnessError: no such version, an alarm is on already, another release runs, AWS refuses.
        """
        pointer, record = self.alias.pointer(), self.store.load()
        running = _unfinished(pointer, record)
        if running is not None:
            return self._resume(pointer, record, running, version)
        record = record.seen(pointer.version)
        target = self._target(record, version)
        if target == pointer.version:
            return self._end(Outcome.UNCHANGED, f"version {target} is live already")
        reason = self._firing()
        if reason:
            raise HarnessError(
                f"an alarm is on before the release: {reason}",
                f"wait until it is off, or make rollback {self.words} if the last release is the cause",
            )
        return self._walk(pointer, record, pointer.version, target, self.steps)

    def back(self) -> Outcome:
        """Return to the version that was live before; of a release under way, to the one it began with.

        Raises:
            HarnessError: there is no previous version, or AWS refuses.
        """
        pointer, record = self.alias.pointer(), self.store.load()
        running = _unfinished(pointer, record)
        if running is None:
            record = record.seen(pointer.version)
            source = record.previous(self.alias.versions())
            if not source:
                raise HarnessError(
                    f"version {pointer.version} has no previous version that was live",
                    f"make release {self.words} VERSION=n names one",
                )
            running = self._running(source, pointer.version, 100, 0)
        elif self._alive(running):
            self.say(f"  taking over from {running.who}, whose release of version {running.target} runs")
        return self._undo(pointer, replace(record, running=running), f"rolled back by {self._who}")

    def _resume(self, pointer: Pointer, record: Record, running: Running, version: str) -> Outcome:
        half_done = f"the release of version {running.target} (from {running.source}, by {running.who})"
        if self._alive(running):
            raise HarnessError(
                f"{half_done} is running, at {running.percent} %",
                f"wait for it, or make rollback {self.words} takes it back",
            )
        if version not in ("", running.target):
            raise UsageError(
                f"{half_done} is half done, at {running.percent} %",
                f"make release {self.words} finishes it, make rollback {self.words} takes it back",
            )
        if pointer.version not in (running.source, running.target) or pointer.candidate not in ("", running.target):
            raise HarnessError(
                f"{half_done} is half done, but the alias points at {pointer.version}",
                f"make rollback {self.words} returns to version {running.source}",
            )
        record = replace(record, running=running)
        if running.back:
            self.say(f"  {half_done} was being taken back: finishing that")
            return self._undo(pointer, record, running.back)
        self.say(f"  {half_done} was interrupted at {running.percent} %: going on (make rollback takes it back)")
        reason = self._firing()
        if reason:
            return self._undo(pointer, record, reason)
        left = [step for step in self.steps if step.percent >= running.percent] or [self.steps[-1]]
        return self._walk(pointer, record, running.source, running.target, left)

    def _walk(self, pointer: Pointer, record: Record, source: str, target: str, steps: Sequence[Step]) -> Outcome:
        for step in steps:
            seconds = step.minutes * 60 / self.pace
            record = replace(record, running=self._running(source, target, step.percent, seconds))
            self.store.save(record)
            whole = step.percent == 100
            pointer = self.alias.move(
                pointer, target if whole else source, "" if whole else target, 0 if whole else step.percent / 100
            )
            self.say(f"  version {target} gets {step.percent} % of the requests; watching for {seconds:g} s")
            reason = self._watched(seconds)
            if reason:
                return self._undo(pointer, record, f"at {step.percent} %: {reason}")
        self.store.save(record.finished())
        return self._end(Outcome.RELEASED, f"version {target} serves every request (before: {source})")

    def _undo(self, pointer: Pointer, record: Record, reason: str) -> Outcome:
        if record.running is None:
            raise AssertionError("nothing to take back")
        running = replace(record.running, back=reason, who=self._who, process=self._process)
        record = replace(record, running=replace(running, until=time.time() + _GRACE_SECONDS))
        self.store.save(record)
        self.alias.move(pointer, running.source)
        self.store.save(record.taken_back(reason))
        told = f"version {running.source} serves every request, {running.target} was taken back: {reason}"
        return self._end(Outcome.ROLLED_BACK, told)

    def _target(self, record: Record, version: str) -> str:
        versions = self.alias.versions()
        if version and version not in versions:
            known = ", ".join(versions[-5:])
            raise UsageError(f"VERSION={version} is not a published version", f"use one of: {known}")
        newest = versions[-1]
        if not version and newest in record.rejected and newest != record.history[-1]:
            raise UsageError(
                f"version {newest} was taken back ({record.rejected[newest]})",
                f"publish another (make plan, make apply), or insist: make release {self.words} VERSION={newest}",
            )
        return version or newest

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

    def _running(self, source: str, target: str, percent: int, seconds: float) -> Running:
        until = time.time() + seconds + _GRACE_SECONDS
        return Running(source, target, percent, "", self._who, self._process, until)

    def _end(self, outcome: Outcome, told: str) -> Outcome:
        self.result = told
        return outcome


def _unfinished(pointer: Pointer, record: Record) -> Running | None:
    """The release that is half done: as recorded, or as the alias itself shows."""
    if record.running is not None or not pointer.candidate:
        return record.running
    percent = max(1, round(pointer.weight * 100))
    return Running(pointer.version, pointer.candidate, percent, "", "somebody", Process("", 0, 0.0), 0.0)
