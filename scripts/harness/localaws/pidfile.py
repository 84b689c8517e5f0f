"""The record a running local AWS leaves in its state folder, and the process it names."""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from harness.base.process import find, this_process
from harness.base.stored import read_json
from harness.facts import read_blueprint
from harness.localaws.keys import Keys, profile

RECORD = "server.json"
CONFIGURATION = "aws-config"
"""File beside it: configuration of AWS's command line, for people."""
MODULE = "harness.localaws"
_REAP_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Record:
    """The server of a state folder.

    Attributes:
        started: its start time, seconds since the epoch, by which a re-used pid is told apart.
        keys: of the account's root.
    """

    pid: int
    started: float
    port: int
    keys: Keys


def write(state_dir: Path, port: int, keys: Keys) -> None:
    """Record the calling process as the server of ``state_dir``, atomically, and for its user's eyes only."""
    own = this_process()
    (state_dir / CONFIGURATION).unlink(missing_ok=True)
    with open_private(state_dir / CONFIGURATION, "w") as configuration:
        configuration.write(profile(keys, port, read_blueprint().region))
    draft = state_dir / f"{RECORD}.{own.pid}"
    with open_private(draft, "w") as record:
        json.dump(asdict(Record(own.pid, own.started, port, keys)), record)
    draft.replace(state_dir / RECORD)


def open_private(file: Path, mode: str) -> IO[Any]:
    """Open a file that its user alone may read; one that is there keeps the rights that it has."""
    return open(file, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def remove(state_dir: Path) -> None:
    """Forget the server of ``state_dir`` and its keys; nothing happens when there is none."""
    for name in (RECORD, CONFIGURATION):
        (state_dir / name).unlink(missing_ok=True)


def read(state_dir: Path) -> Record | None:
    """Read the record of ``state_dir`` whose process is alive and ours; None for a missing or stale one."""
    record = left(state_dir)
    return record if record and process(record) else None


def left(state_dir: Path) -> Record | None:
    """Read the record of ``state_dir``, whether its process lives or not; None for a missing one."""
    try:
        found = read_json((state_dir / RECORD).read_bytes())
        return Record(**{**found, "keys": Keys(**found["keys"])})
    except (OSError, ValueError, TypeError, KeyError):
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
