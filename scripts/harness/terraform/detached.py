"""Run an apply in a session of its own, so that a killed harness or a closed terminal never cuts it in half.

The worker goes on when its parent dies and writes the state as it would have. A polite stop (Ctrl-C, SIGTERM, SIGHUP)
is passed on as SIGINT, on which Terraform finishes the resource in hand, saves the state and releases the lock.
The worker leaves a mark on disk, which says whether it runs, how it ended, or, saying neither, that it was killed.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import FrameType

import psutil

from harness.base.causes import ROOM
from harness.base.errors import HarnessError
from harness.base.paths import REPO, ensure_folder, shown, write_atomically
from harness.base.process import this_process
from harness.base.stored import read_json
from harness.typed.records import read_as

LOG_LOST = 120
"""Exit code of a worker that could not print: Python's own for a standard output that cannot be flushed at its end."""
_TOLD_BYTES = 1 << 20
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class End(StrEnum):
    """How a worker ended."""

    UNKNOWN = "unknown"
    """It runs, or was killed."""
    FINISHED = "finished"
    """Terraform applied everything."""
    HALTED = "halted"
    """Terraform was asked to stop. What it had in hand then may exist, and stand in no state."""
    FAILED = "failed"
    """Terraform failed by itself, and saved what it had done."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a worker leaves on disk for the next run to find.

    Attributes:
        pid: process id of the worker and id of its session.
        started: its start time in seconds since the epoch: with ``pid`` it names one process for good.
    """

    pid: int
    started: float
    host: str
    end: End = End.UNKNOWN

    def alive(self) -> bool:
        """Tell whether any process of the worker's session still runs: Terraform outlives a worker that is killed.

        A later process may have been given the same id: it began at another time, and it began a session of its own.
        """
        if psutil.boot_time() > self.started:
            return False
        processes = [process for process in psutil.process_iter(["status"]) if self._has(process)]
        leader = next((process for process in processes if process.pid == self.pid), None)
        if leader is not None and abs(leader.create_time() - self.started) >= 1:
            return False
        return any(process.info["status"] != psutil.STATUS_ZOMBIE for process in processes)

    def _has(self, process: psutil.Process) -> bool:
        try:
            # A second is left for the grain of the clock.
            return os.getsid(process.pid) == self.pid and (
                process.pid == self.pid or process.create_time() > self.started - 1
            )
        except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            return False


def own_mark() -> Mark:
    """Make the mark of this very process."""
    own = this_process()
    return Mark(own.pid, own.started, own.host)


def read_mark(path: Path) -> Mark | None:
    """Return the mark a worker left, or ``None`` when none did, or it was dealt with.

    Raises:
        HarnessError: the file is damaged.
    """
    try:
        return read_as(path.read_bytes(), Mark)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise HarnessError(f"{shown(path)} is damaged", "make sure that no apply runs, then delete it") from error


def write_mark(path: Path, mark: Mark, end: End = End.UNKNOWN) -> None:
    """Leave ``mark`` on disk, saying how its worker ended."""
    write_atomically(path, json.dumps(asdict(replace(mark, end=end))).encode())


def run_detached(arguments: list[str], log: Path, env: Mapping[str, str]) -> None:
    """Run ``python -m harness.terraform.apply_worker`` to its end, in its own session.

    Args:
        log: receives everything it prints; it holds no secret values (Terraform hides them).

    Raises:
        HarnessError: it failed; the message is the worker's last line.
    """
    ensure_folder(log.parent)
    with log.open("wb") as stream:
        worker = subprocess.Popen(
            [sys.executable, "-m", "harness.terraform.apply_worker", *arguments],
            cwd=REPO,
            env={**env, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        with _passing_on(worker):
            code = worker.wait()
    if code != 0:
        raise HarnessError(*_failure(log, code))


def _failure(log: Path, code: int) -> tuple[str, str]:
    if code < 0:
        return f"the apply was killed ({signal.Signals(-code).name})", "run make apply again: it recovers"
    if code == LOG_LOST:
        return f"what the apply printed could not be written to {shown(log)}: is the disk full?", f"{ROOM}: it recovers"
    return failure_in(log) or (f"the apply ended with {code}", f"read {shown(log)}")


def failure_in(log: Path) -> tuple[str, str] | None:
    """Return what a worker said failed, and the remedy, as the last line of its log; ``None`` when it said nothing."""
    try:
        last = read_json(_end_of(log).strip().splitlines()[-1])
        return str(last["tried"]), str(last["remedy"])
    except (OSError, IndexError, ValueError, KeyError, TypeError):
        return None


def _end_of(log: Path) -> str:
    """Read the last part of a file, however long it is: a failure is told in far less."""
    with log.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TOLD_BYTES))
        return stream.read(_TOLD_BYTES).decode(errors="replace")


@contextmanager
def _passing_on(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    passed_on = False

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        # Once only, however often it is asked: at a second interrupt Terraform drops everything, the state too. And
        # make passes on what the whole terminal was sent already. To the session: the worker itself ignores it.
        nonlocal passed_on
        if not passed_on:
            passed_on = True
            os.killpg(worker.pid, signal.SIGINT)

    before = {number: signal.signal(number, pass_on) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
