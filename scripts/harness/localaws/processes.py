"""Ending processes that hold no state."""

import contextlib
from collections.abc import Sequence

import psutil

_REAP_SECONDS = 2


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kill ``processes`` (Lambda workers) and collect them; one that has already ended is no error."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=_REAP_SECONDS)
