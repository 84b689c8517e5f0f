"""``make preflight``: what must be true before an apply."""

from __future__ import annotations

from harness.context import open_context
from harness.options import Options
from harness.preflight import preflight
from harness.progress import phase
from harness.verbs.plan import initialise


def run(options: Options) -> int:
    """Check tools, credentials and account for one environment; exit 1 when something is missing."""
    context = open_context(options)
    initialise(context)
    with phase(f"preflight {context.stack.title}"):
        preflight(context)
    return 0
