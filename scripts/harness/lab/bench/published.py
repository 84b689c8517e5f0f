"""Results as build/reports/bench.json and as the generated part of docs/performance.md."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import REPO, write_atomically
from harness.base.results import write_report
from harness.lab.bench.pairs import Result

PAGE = REPO / "docs" / "performance.md"
BEGIN = "<!-- begin: written by make bench -->"
END = "<!-- end: written by make bench -->"


def record(results: Sequence[Result]) -> None:
    """Write the JSON report.

    Raises:
        UsageError: the build folder cannot be written.
    """
    write_report("bench", {"machine": machine(), "results": [_plain(result) for result in results]})


def publish(results: Sequence[Result], page: Path = PAGE) -> None:
    """Put the table into ``page``, between its markers.

    Raises:
        ToolError: the page has no markers.
        UsageError: it cannot be written.
    """
    text = page.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ToolError(f"{page.name} has no place for the table", f"put back the lines {BEGIN} and {END}")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    write_atomically(page, f"{before}{BEGIN}\n{markdown(results)}{END}{after}".encode())


def markdown(results: Sequence[Result]) -> str:
    """Write the table, a line a comparison."""
    lines = [
        f"\nOn {machine()}. Seconds are medians; a ratio is our way's time divided by the usual way's in one pair.\n",
        "| what | usual way | s | our way | s | ratio: min | median | max | promised | pairs |",
        "|---|---|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    for one in results:
        what, promised = one.comparison, one.comparison.most
        kept = "" if promised is None else f"≤ {promised:.2f}{'' if one.kept else ' **missed**'}"
        ratios = [f"{value:.3f}" for value in (one.ratio.least, one.ratio.median, one.ratio.most)]
        cells = [what.name, what.usual, f"{one.usual.median:.2f}", what.ours, f"{one.ours.median:.2f}"]
        lines.append("| " + " | ".join([*cells, *ratios, kept, str(what.rounds)]) + " |")
    return "\n".join(lines) + "\n\n"


def machine() -> str:
    """Describe the machine, as far as it matters and tells nothing about its owner."""
    return f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _plain(result: Result) -> dict[str, object]:
    spreads = {name: asdict(getattr(result, name)) for name in ("usual", "ours", "ratio")}
    what = result.comparison
    facts = {
        "name": what.name,
        "usual_way": what.usual,
        "our_way": what.ours,
        "promised": what.most,
        "pairs": what.rounds,
    }
    return {**facts, **spreads, "kept": result.kept}
