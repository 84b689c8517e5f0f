"""The command line: ``python -m harness VERB``. The one place that catches errors and decides exit codes.

Exit codes: 0 clean, 1 findings, 2 could not run (DESIGN), 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass

from harness.errors import HarnessError
from harness.options import read_options


@dataclass(frozen=True, slots=True)
class Verb:
    """A Makefile target.

    Attributes:
        summary: its line in the help.
        module: module below ``harness.verbs`` that runs it.
        function: function in that module.
    """

    summary: str
    module: str
    function: str = "run"


VERBS: dict[str, Verb] = {
    "setup": Verb("install all that this clone needs below build/ (other verbs do so by themselves)", "setup"),
    "up": Verb("start the local AWS, deploy ENV (dev), smoke-test it, print its URL and curl lines", "up"),
    "down": Verb("stop the local AWS; its data stays (ALL=1 forgets it)", "down"),
    "plan": Verb("plan ENV: saved plan, plan JSON, summary, rules", "plan"),
    "apply": Verb("apply the saved plan of ENV (prod: CONFIRM=prod)", "apply"),
    "destroy": Verb("destroy ENV (prod: CONFIRM=prod and every address in ALLOW_DESTROY)", "destroy"),
    "smoke": Verb("send a few real requests to ENV", "smoke"),
    "outputs": Verb("print ENV's address and names as JSON (REVEAL=1 adds the API key; use make -s)", "outputs"),
    "preflight": Verb("check tools, credentials and account for ENV", "preflight"),
    "bootstrap": Verb("once per account: state bucket, API Gateway log role, deploy roles", "bootstrap"),
    "bundle": Verb("build the function's zip", "bundle"),
    "test": Verb("run all tests (ARGS=… for pytest)", "test"),
    "test-plan": Verb("run the tests that need no local AWS", "test", "run_plan"),
    "lint": Verb("format, lint, types, layers", "lint"),
    "check": Verb("everything CI runs", "check"),
    "clean": Verb("delete reports, plans and caches (ALL=1: tools and local data too)", "clean"),
    "help": Verb("this help", "help"),
}


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
        print(
            f"error: {error.filename or 'the system'}: {os.strerror(error.errno or 0)} -> make room or make it writable",
            file=sys.stderr,
        )
        return 2
