"""The scanners' process: ``python -m harness.scan.driver`` reads a job from standard input and writes the answer.

It imports the scanners first and waits for the job afterwards, so that its start-up (most of a scan's time) runs
beside the planning. All is loaded once; plans are scanned in copies of the process. The answer is one JSON object:
``{"results": …}``, or ``{"error": "one line"}`` when something could not be scanned.
"""

import gc
import io
import json
import os
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from harness.scan import lean, problems

_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


class NetworkRefused(OSError):
    """An attempt of a scanner to reach the network."""


def main() -> None:
    """Scan one job."""
    # A scan is short and keeps what it reads: collecting cycles doubled the start-up and freed nothing.
    gc.disable()
    answer, sys.stdout = sys.stdout, sys.stderr
    sys.addaudithook(_refuse_network)
    problems.keep()
    sys.excepthook = partial(_failed, answer)
    started = time.perf_counter()
    lean.install()
    from harness.scan import scanners  # noqa: PLC0415 (only now: what is installed above keeps it quick)

    loaded = time.perf_counter()
    outcome = scanners.scan(json.load(sys.stdin))
    problems.require_none()
    outcome["seconds"]["start"] = round(loaded - started, 3)
    _write(answer, outcome)
    # All is said; taking 3,000 modules apart again would take as long as scanning.
    sys.stderr.flush()
    os._exit(0)


def _write(stream: TextIO, content: dict[str, Any]) -> None:
    json.dump(content, stream)
    stream.flush()


def _failed(answer: TextIO, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell the parent in one line what happened; the trace goes to standard error."""
    traceback.print_exception(kind, error, trace, file=sys.stderr)
    words = " ".join(f"{error}".split())
    if not isinstance(error, ValueError):
        place = traceback.extract_tb(trace)[-1]
        words = f"{kind.__name__}: {words} ({Path(place.filename).name}:{place.lineno})"
    _write(answer, {"error": words})


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse the network: checkov asks its vendor for guidelines, on which a scan must not depend."""
    if event in _NETWORK:
        raise NetworkRefused(f"the scan may not use the network ({event} {arguments[-1]!r})")


if __name__ == "__main__":
    sys.stdin = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8")
    main()
