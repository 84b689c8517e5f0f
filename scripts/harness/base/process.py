"""Programs and processes: run one and turn its failure into one clear error, and know one again by its start.

psutil is imported when a process is asked for, so that ``help`` and ``setup`` need the standard library alone.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.causes import remedy_of
from harness.base.errors import ToolError

if TYPE_CHECKING:
    import psutil

# A start time is derived from ticks of the clock; that of a process which was given the same id later is far from it.
_SAME_START_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process of one machine.

    Attributes:
        pid: process id there.
        started: its start time, seconds since the epoch: with ``pid`` it names one process for good.
    """

    host: str
    pid: int
    started: float

    def alive(self) -> bool:
        """Tell if it runs; only its own machine can."""
        return find(self.pid, self.started) is not None


def this_process() -> Process:
    """Name the process that asks."""
    import psutil  # noqa: PLC0415

    return Process(os.uname().nodename, os.getpid(), psutil.Process().create_time())


def find(pid: int, started: float) -> psutil.Process | None:
    """Find the living process of this id and start time; ``None`` when it ended, or its id is another's by now."""
    import psutil  # noqa: PLC0415

    try:
        found = psutil.Process(pid)
        alive = found.status() != psutil.STATUS_ZOMBIE
        return found if alive and abs(found.create_time() - started) < _SAME_START_SECONDS else None
    except psutil.Error:
        return None


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    remedy: str = "",
    accept: tuple[int, ...] = (0,),
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` without a shell and return what it printed.

    Args:
        env: complete environment; the current one when ``None``.
        accept: exit codes that are not failures.

    Raises:
        ToolError: the program is missing, or ended with another exit code; carries the last line it printed, and the
            remedy for a cause that its words give, before that of the caller.
    """
    name = Path(str(command[0])).name
    try:
        # errors="replace": a program's stray bytes must not hide what it says
        result = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=env,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise ToolError(f"cannot run {name}: {error.strerror}", remedy) from error
    if result.returncode not in accept:
        words = result.stderr or result.stdout
        raise ToolError(f"{name} failed ({result.returncode}): {last_line(words)}", remedy_of(words) or remedy)
    return result


def last_line(text: str) -> str:
    """Return the last line of ``text`` that is not blank, for one-line messages."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
