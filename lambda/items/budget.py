"""The time one request has, and a count of what it asked of the table."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from items.problems import Code, Problem
from items.settings import HANDLER_MARGIN_SECONDS, SDK_CONNECT_TIMEOUT_SECONDS, SDK_READ_TIMEOUT_SECONDS

ATTEMPT_SECONDS = SDK_CONNECT_TIMEOUT_SECONDS + SDK_READ_TIMEOUT_SECONDS


@dataclass(slots=True)
class Budget:
    """Counts down from the start of a request.

    Attributes:
        seconds: the function's remaining time at the start, in seconds.
        clock: monotonic seconds.
        attempts: HTTP requests made to the table so far, retries included.
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

    def allows_attempt(self) -> bool:
        """Whether one more HTTP request to the table, even a hanging one, ends before the handler's
        deadline."""
        return self.seconds - HANDLER_MARGIN_SECONDS - self.elapsed >= ATTEMPT_SECONDS

    def spend(self) -> None:
        """Account for one HTTP request to the table.

        Raises:
            Problem: ``timeout``, when it might end too late to still answer.
        """
        if not self.allows_attempt():
            raise timed_out()
        self.attempts += 1


def timed_out() -> Problem:
    """The answer when time runs out."""
    return Problem(
        Code.TIMEOUT,
        "The service ran out of time; whether a write happened is unknown. "
        "Try again, a POST with the same Idempotency-Key.",
    )
