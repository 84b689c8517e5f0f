"""The process that applies a saved plan: ``python -m harness.apply_worker BINARY ROOT PLAN`` (see ``detached``)."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from harness.errors import HarnessError
from harness.terraform import Runner


def main(arguments: list[str]) -> int:
    """Apply and return 0, or print the failure as one JSON line and return its exit code."""
    # Terraform gets the interrupt and ends in order; this process waits for it. A handler, unlike SIG_IGN,
    # is not inherited by the child.
    signal.signal(signal.SIGINT, lambda *_: None)
    binary, root, plan = (Path(argument) for argument in arguments)
    try:
        print(Runner(binary, root, dict(os.environ)).apply(plan))
    except HarnessError as error:
        print(json.dumps({"tried": error.tried, "remedy": error.remedy}))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
