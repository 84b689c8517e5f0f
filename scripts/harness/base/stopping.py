"""Signals that ask a command to stop: each of them lets it clean up, as Ctrl-C does."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_POLITE = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopping_politely() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the body as Ctrl-C does, unless they are ignored (``nohup``). Main thread only."""
    before = {number: signal.getsignal(number) for number in _POLITE}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
