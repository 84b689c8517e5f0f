"""Run an apply in a session of its own, so that a killed harness or a closed terminal never cuts it in half.

The worker goes on when its parent dies and writes the state as it would have. A polite stop (Ctrl-C, SIGTERM, SIGHUP)
is passed on as SIGINT, on which Terraform finishes the resource in hand, saves the state and releases the lock.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

import psutil

from harness.errors import HarnessError
from harness.paths import REPO, ensure_folder, shown, write_atomically

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Running:
    """A worker's mark on disk, for the next run to find.

    Attributes:
        pid: process id of the worker.
        started: its start time in seconds since the epoch: with ``pid`` it names one process for good.
        host: where it runs.
    """

    pid: int
    started: float
    host: str

    def alive(self) -> bool:
        """Whether that very process still runs."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) < 1
        except psutil.NoSuchProcess:
            return False


def read_mark(path: Path) -> Running | None:
    """The mark a worker left, or ``None`` when the last one ended in order.

    Raises:
        HarnessError: the file is damaged.
    """
    try:
        return Running(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise HarnessError(f"{shown(path)} is damaged", "make sure that no apply runs, then delete it") from error


def run_detached(arguments: list[str], mark: Path, log: Path, env: Mapping[str, str]) -> None:
    """Run ``python -m harness.apply_worker`` to its end, in its own session.

    Args:
        arguments: the worker's arguments.
        mark: file that says it runs; gone when it ended, whatever its result.
        log: receives everything it prints; it holds no secret values (Terraform hides them).
        env: complete environment.

    Raises:
        HarnessError: it failed; the message is the worker's last line.
    """
    ensure_folder(log.parent)
    with log.open("wb") as stream:
        worker = subprocess.Popen(
            [sys.executable, "-m", "harness.apply_worker", *arguments],
            cwd=REPO,
            env={**env, "PYTHONPATH": str(Path(__file__).parents[1])},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        running = Running(worker.pid, psutil.Process(worker.pid).create_time(), os.uname().nodename)
        write_atomically(mark, json.dumps(asdict(running)).encode())
        with _passing_on(worker):
            code = worker.wait()
    # A worker killed outright leaves the mark: the next apply then knows that it must recover.
    if code >= 0:
        mark.unlink(missing_ok=True)
    if code != 0:
        raise HarnessError(*_failure(log, code))


def _failure(log: Path, code: int) -> tuple[str, str]:
    if code < 0:
        return f"the apply was killed ({signal.Signals(-code).name})", "run make apply again: it recovers"
    lines = log.read_text(errors="replace").strip().splitlines()
    try:
        last = json.loads(lines[-1])
        return str(last["tried"]), str(last["remedy"])
    except (IndexError, ValueError, KeyError, TypeError):
        return f"the apply ended with {code}", f"read {shown(log)}"


@contextmanager
def _passing_on(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    def pass_on(_number: int, _frame: FrameType | None) -> None:
        # To the whole session: the worker itself ignores it, Terraform stops gracefully.
        os.killpg(worker.pid, signal.SIGINT)

    before = {number: signal.signal(number, pass_on) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
