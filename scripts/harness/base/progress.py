"""One line a phase, with elapsed seconds, on standard error: standard output stays for results."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_TICK_SECONDS = 0.5


@contextmanager
def phase(title: str) -> Iterator[None]:
    """Announce ``title``, run the body, and say how long it took.

    On a terminal the running line is rewritten in place; elsewhere one plain line is printed at the end.
    """
    started = time.monotonic()
    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(title, started, done), daemon=True)
    if sys.stderr.isatty():
        ticker.start()
    outcome = "failed"
    try:
        yield
        outcome = "ok"
    finally:
        done.set()
        if ticker.is_alive():
            ticker.join()
        lead = "\r\x1b[K" if sys.stderr.isatty() else ""
        say(f"{lead}  {title:<44} {outcome:<6} {time.monotonic() - started:6.1f} s")


def say(line: str) -> None:
    """Print one line for a person to read."""
    print(line, file=sys.stderr, flush=True)


def _tick(title: str, started: float, done: threading.Event) -> None:
    while not done.wait(_TICK_SECONDS):
        sys.stderr.write(f"\r\x1b[K  {title:<44} …      {time.monotonic() - started:6.1f} s")
        sys.stderr.flush()
