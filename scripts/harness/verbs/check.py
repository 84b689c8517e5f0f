"""``make check``: what CI runs. Every step runs even when an earlier one failed; the exit code is the worst."""

import time
from collections.abc import Callable

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.progress import say
from harness.base.results import write_report
from harness.verbs import docs, lint, parity, scan, test

STEPS: tuple[tuple[str, Callable[[Options], int]], ...] = (
    ("lint", lint.run),
    ("docs", docs.run_check),
    ("parity", parity.run_all),
    ("scan", scan.run),
    ("test", test.run),
)
"""Name and verb of every step, in order."""


def run(options: Options) -> int:
    """Run all steps; 0 when all are clean, 1 when one found something, 2 when one could not run."""
    results: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for name, step in STEPS:
        started = time.monotonic()
        try:
            results[name] = step(options)
        except HarnessError as error:
            say(error.printed)
            results[name] = error.exit_code
        seconds[name] = round(time.monotonic() - started, 1)
    write_report("check", {"results": results, "seconds": seconds})
    for name, code in results.items():
        say(f"  {name:<10} {'ok' if code == 0 else 'FAILED'} {seconds[name]:8.1f} s")
    return max(results.values())
