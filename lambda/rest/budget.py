"""The time one request has, and a count of the calls to AWS that it made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rest.problems import timed_out


@dataclass(slots=True)
class Budget:
    """Counts down from the start of a request.

    Attributes:
        seconds: the function's remaining time at the start, in seconds.
        clock: monotonic seconds.
        attempts: HTTP requests made to AWS so far, retries included.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    attempts: int = 0
    _start: float = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self._start = self.clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self._start

    def allows(self, seconds: float) -> bool:
        """Tell whether so many seconds are left."""
        return self.seconds - self.elapsed >= seconds

    def spend(self, seconds: float) -> None:
        """Account for one HTTP request to AWS.

        Args:
            seconds: what must be left before it: the longest it may take, and what answering takes after it.

        Raises:
            Problem: ``timeout``, when it might end too late to still answer.
        """
        if not self.allows(seconds):
            raise timed_out()
        self.attempts += 1
