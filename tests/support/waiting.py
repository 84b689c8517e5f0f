"""Waiting for something to become true."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def eventually(probe: Callable[[], Any], seconds: float, every: float = 0.2) -> Any:
    """Wait for the first truthy value of ``probe``; return it, or the last value when time is up."""
    deadline = time.monotonic() + seconds
    while not (found := probe()) and time.monotonic() < deadline:
        time.sleep(every)
    return found
