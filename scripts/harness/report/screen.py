"""See what a stream can show: its width, and if it takes colours."""

import shutil
from collections.abc import Mapping
from typing import TextIO

from harness.report.told import View

_WIDTHS = (80, 160)
_ELSEWHERE = 120


def view_of(stream: TextIO, environment: Mapping[str, str], *, verbose: bool = False) -> View:
    """Return the view for a stream: colours on a terminal alone, and not with NO_COLOR (https://no-color.org)."""
    if not stream.isatty():
        return View(_ELSEWHERE, verbose=verbose)
    width = shutil.get_terminal_size((_ELSEWHERE, 24)).columns
    colour = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return View(min(max(width, _WIDTHS[0]), _WIDTHS[1]), colour, verbose)
