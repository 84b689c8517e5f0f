"""``make preflight``: look before an apply."""

from harness.base.options import Options
from harness.base.progress import phase
from harness.operate.planning import initialise
from harness.operate.preflight import preflight
from harness.terraform.context import open_context


def run(options: Options) -> int:
    """Check tools, credentials and account for one environment; exit 1 when something is missing."""
    context = open_context(options)
    initialise(context)
    with phase(f"preflight {context.stack.title}"):
        preflight(context)
    return 0
