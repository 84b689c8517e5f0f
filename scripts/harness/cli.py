"""The command line: ``scripts/blueprint VERB``. The one place that catches errors and decides exit codes.

Exit codes: 0 clean, 1 findings, 2 could not run, 130 interrupted; 141 when nobody reads what is printed. What nothing
catches is 2, too: :mod:`harness.base.startup`.
"""

import errno
import importlib
import os
import select
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from harness.base.causes import LATE, remedy_of
from harness.base.command_line import notes_on, read_call
from harness.base.errors import HarnessError
from harness.base.options import Options, read_options
from harness.base.paths import REPO, VENV, Target
from harness.base.progress import say
from harness.base.surroundings import forget_aws
from harness.base.toolset import installed

# As a shell says that SIGPIPE ended a program.
_NOBODY_READS = 141
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    try:
        code = _outcome(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _drop(stream for stream in (sys.stdout, sys.stderr) if _unread(stream.fileno()))
        return _NOBODY_READS
    except OSError:  # that of a flush which failed before, and was told
        _drop([sys.stdout])
        return 2


def _outcome(words: Sequence[str]) -> int:
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except HarnessError as error:
        print(error.printed, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("error: interrupted -> run the same command again", file=sys.stderr)
        return 130
    except OSError as error:
        # These can show up anywhere; everything else is a bug, which harness.base.startup ends with its trace.
        if isinstance(error, BrokenPipeError) and any(_unread(stream.fileno()) for stream in (sys.stdout, sys.stderr)):
            raise
        print(told(error).printed, file=sys.stderr)
        return 2


def _drop(streams: Iterable[TextIO]) -> None:
    """Let what is left in buffers go nowhere: Python would complain of it at its end, with a code of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())


def _run(words: Sequence[str]) -> int:
    call = read_call(words)
    options = read_options({**os.environ, **call.given}, call.verb.takes)
    if os.pathsep in str(REPO):
        raise HarnessError(f"Python finds no module in a folder with {os.pathsep} in its name: {REPO}", "rename it")
    if not call.verb.bare and Path(sys.prefix).resolve() != VENV.resolve():
        _go_on_in_venv(words, options)
    # Behind the other Python, which starts from the beginning: each note is told once.
    for note in notes_on(call.name, os.environ.pop("MAKEFLAGS", "")):
        say(f"note: {note}")
    if options.target is not Target.AWS:
        forget_aws()
    module = importlib.import_module(f"harness.verbs.{call.verb.module}")
    return int(getattr(module, call.verb.function)(options))


def _go_on_in_venv(words: Sequence[str], options: Options) -> None:
    """Install what is pinned where that changed, and become the same command on the Python that has it."""
    if not installed():
        importlib.import_module("harness.verbs.setup").run(options)
    os.chdir(REPO)
    python = str(VENV / "bin" / "python")
    os.execve(  # noqa: S606 - no shell is wanted
        python, [python, "-m", "harness", *words], {**os.environ, "PYTHONPATH": str(REPO / "scripts")}
    )


def told(error: OSError) -> HarnessError:
    """Say what an error of the system means, and what to do about it."""
    where = error.filename or "the system"
    said = os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):  # of copytree: source, copy, why; each file
        where, _, why = error.args[0][0]
        said = why.partition("] ")[2] or why
    return HarnessError(f"{where}: {said}", _remedy(error, said))


def _remedy(error: OSError, said: str) -> str:
    if isinstance(error, TimeoutError):
        return LATE
    if found := remedy_of(said):
        return found
    if isinstance(error, ConnectionError):
        return "the other side ended the connection: see if it runs, then try again"
    if error.errno in _FORBIDDEN:
        return "allow it to whoever runs this, then run the same command again"
    return "mend that, then run the same command again"


def _unread(descriptor: int) -> bool:
    """Tell if nobody reads any more what is written to a pipe."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
