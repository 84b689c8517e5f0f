"""``python -m harness.localaws``: run the local AWS in the foreground. Its log goes to standard error."""

import argparse
import contextlib
import signal
import sys
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.surroundings import heed_signals
from harness.localaws.settings import ERROR_PREFIX, Kind, Options
from harness.localaws.starting import run


def _options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m harness.localaws", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="TCP port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state-dir", type=Path, required=True, help="folder of everything it writes")
    parser.add_argument("--function-endpoint", default="", help="URL Lambda functions call for AWS")
    parser.add_argument("--parent", type=int, default=0, help="stop when this process is no longer the parent")
    parser.add_argument("--time-factor", type=float, default=1.0, help="metric seconds per real second (tests)")
    parser.add_argument(
        "--kind", type=Kind, choices=Kind, default=Kind.FILLED, help="without fills, or recording (tests)"
    )
    given = parser.parse_args(arguments)
    return Options(
        state_dir=given.state_dir.absolute(),
        port=given.port,
        function_endpoint=given.function_endpoint,
        parent=given.parent,
        time_factor=given.time_factor,
        kind=given.kind,
    )


def main(arguments: list[str]) -> int:
    """Serve, and return 0 after an orderly stop, 2 with one line on standard error when it could not start."""
    # Until it serves, and has handlers of its own.
    heed_signals(signal.SIGHUP)
    try:
        run(_options(arguments))
    except HarnessError as error:
        with contextlib.suppress(OSError):  # a log without room
            print(f"{ERROR_PREFIX}{error}", file=sys.stderr, flush=True)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
