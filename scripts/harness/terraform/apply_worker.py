"""The process that applies a saved plan; started by ``detached``.

``python -m harness.terraform.apply_worker BINARY ROOT PLAN MARK``
"""

import json
import os
import signal
import sys
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.surroundings import heed_signals
from harness.terraform.detached import LOG_LOST, End, own_mark, write_mark
from harness.terraform.runner import Runner


def main(arguments: list[str]) -> int:
    """Apply and return 0, or print the failure as one JSON line and return its exit code.

    Whether a Terraform that failed by itself saved its state shows in the lock, which takes an account to ask: the
    harness does, and writes that end into the mark.
    """
    binary, root, plan, path = (Path(argument) for argument in arguments)
    heed_signals(signal.SIGHUP)
    mark = own_mark()
    write_mark(path, mark)
    # From here on Terraform gets the interrupt and ends in order, and this process waits for it; until here an
    # interrupt ends it. A handler, unlike SIG_IGN, is not inherited by the child.
    interrupts: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: interrupts.append(number))
    try:
        printed = Runner(binary, root, dict(os.environ)).apply(plan)
        write_mark(path, mark, End.FINISHED)
    except HarnessError as error:
        if interrupts:
            write_mark(path, mark, End.HALTED)
        told = HarnessError("the apply was interrupted", "make apply again finishes it") if interrupts else error
        _say(json.dumps({"tried": told.tried, "remedy": told.remedy}))
        return told.exit_code
    _say(printed)
    return 0


def _say(text: str) -> None:
    """Print, or end with the one code that tells that nothing could be printed."""
    try:
        print(text, flush=True)
    except OSError:
        os._exit(LOG_LOST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
