"""Prepare the process before all else: surroundings, streams that can be printed to, a code for what nobody foresaw.

What nothing caught reaches ``sys.excepthook``, which Python has for exactly that. A broad ``except`` around the command
would do the same by catching errors that others mean to let through, and would see none of those in an import.
"""

import fcntl
import os
import sys
from io import TextIOWrapper
from types import TracebackType
from typing import TextIO

from harness.base.surroundings import settle

_COULD_NOT_RUN, _INTERRUPTED = 2, 130
_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
# Of the characters that are printed; whatever encoding has them is a Unicode one.
_PRINTED = "→…✅"


def prepare() -> None:
    """Settle the surroundings, open closed streams, make them take any text, and end with 2 what nothing catches.

    Python's own code for an error that nothing catches is 1, which here says that something was found.
    """
    if settle():
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - no shell is wanted
    for descriptor, (name, mode) in enumerate(_STREAMS):
        _open_where_closed(descriptor, name, mode)
    for stream in (sys.stdout, sys.stderr):
        _take_any_text(stream)
    sys.excepthook = _end


def _open_where_closed(descriptor: int, name: str, mode: str) -> None:
    if not _usable(descriptor, mode):
        nowhere = os.open(os.devnull, os.O_RDWR)
        # Programs that are run inherit it: none of their files may take its number.
        if nowhere == descriptor:
            os.set_inheritable(nowhere, True)
        else:
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
    if getattr(sys, name) is None:
        setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - stays open


def _usable(descriptor: int, mode: str) -> bool:
    """Tell if a stream is open for its use: where one is closed, a shell may have its own script open in its place."""
    try:
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    except OSError:
        return False
    return mode == "r" or flags & os.O_ACCMODE != os.O_RDONLY


def _take_any_text(stream: TextIO) -> None:
    """Let no character end a command: what the encoding of a stream cannot print is no reason to print nothing."""
    if not isinstance(stream, TextIOWrapper):
        return
    encoding, errors = stream.encoding, stream.errors
    try:
        _PRINTED.encode(encoding)
    except UnicodeEncodeError:
        encoding = "utf-8"
    stream.reconfigure(encoding=encoding, errors="backslashreplace" if errors == "strict" else errors)


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print the trace and what it means, and end; Python takes the code of a ``SystemExit`` from here, too."""
    if issubclass(kind, KeyboardInterrupt):
        raise SystemExit(_INTERRUPTED)
    sys.__excepthook__(kind, error, trace)
    print(
        "error: this is a bug of the harness, and nothing is known of the result -> report it with the trace above",
        file=sys.stderr,
    )
    raise SystemExit(_COULD_NOT_RUN)
