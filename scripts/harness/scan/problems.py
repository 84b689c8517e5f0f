"""Errors that checkov logs: a check that crashed, after which it goes on as if the check had passed."""

import logging

_seen: list[str] = []


class _Problems(logging.Handler):
    """Keeper of every error that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {record.exc_info[1]}"
        _seen.append(" ".join(text.split()))


def keep() -> None:
    """Keep errors from now on, in this process and in copies made of it, and print none."""
    logging.getLogger().handlers[:] = [_Problems()]


def require_none() -> None:
    """Refuse to go on when this process has logged an error.

    Raises:
        ValueError: it has; holds the first.
    """
    if _seen:
        raise ValueError(_seen[0])
