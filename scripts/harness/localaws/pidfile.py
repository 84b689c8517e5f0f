"""The record a running local AWS leaves in its state folder, and the process it names."""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from harness.base.process import find, this_process

RECORD = "server.json"
MODULE = "harness.localaws"
_REAP_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Record:
    """The server of a state folder.

    Attributes:
        started: its start time, seconds since the epoch, by which a re-used pid is told apart.
    """

    pid: int
    started: float
    port: int


def write(state_dir: Path, port: int) -> None:
    """Record the calling process as the server of ``state_dir``, atomically."""
    own = this_process()
    draft = state_dir / f"{RECORD}.{own.pid}"
    draft.write_text(json.dumps(asdict(Record(own.pid, own.started, port))), encoding="utf-8")
    draft.replace(state_dir / RECORD)


def remove(state_dir: Path) -> None:
    """Forget the server of ``state_dir``; nothing happens when there is none."""
    (state_dir / RECORD).unlink(missing_ok=True)


def read(state_dir: Path) -> Record | None:
    """Read the record of ``state_dir`` whose process is alive and ours; None for a missing or stale one."""
    record = left(state_dir)
    return record if record and process(record) else None


def left(state_dir: Path) -> Record | None:
    """Read the record of ``state_dir``, whether its process lives or not; None for a missing one."""
    try:
        return Record(**json.loads((state_dir / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def process(record: Record) -> psutil.Process | None:
    """Find the live process of ``record``; None when it ended or its pid belongs to another program by now."""
    found = find(record.pid, record.started)
    try:
        return found if found and found.pid != os.getpid() and MODULE in found.cmdline() else None
    except psutil.Error:
        return None


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kill ``processes`` (Lambda workers) and collect them; one that has already ended is no error."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=_REAP_SECONDS)
