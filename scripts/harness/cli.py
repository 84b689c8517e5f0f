"""The command line: ``python -m harness VERB``. The one place that catches errors and decides exit codes.

Exit codes: 0 clean, 1 findings, 2 could not run, 130 interrupted.
"""

import importlib
import os
import sys

from harness.base.errors import HarnessError
from harness.base.options import read_options
from harness.base.verb_list import VERBS


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    name = arguments[0] if arguments else "help"
    try:
        verb = VERBS.get(name)
        if verb is None or len(arguments) > 1:
            raise HarnessError(f"{' '.join(arguments)} is not a verb", f"use one of: {', '.join(VERBS)}")
        options = read_options()
        module = importlib.import_module(f"harness.verbs.{verb.module}")
        return int(getattr(module, verb.function)(options))
    except HarnessError as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("error: interrupted -> run the same command again", file=sys.stderr)
        return 130
    except OSError as error:
        # A full disk or a read-only folder can show up anywhere; everything else is a bug and keeps its trace.
        place = error.filename or "the system"
        print(f"error: {place}: {os.strerror(error.errno or 0)} -> make room or make it writable", file=sys.stderr)
        return 2
