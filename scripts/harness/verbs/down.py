"""``make down``: stop the local AWS. What it holds stays in build/local and is there again after ``make up``."""

from contextlib import suppress

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import LOCAL_STATE
from harness.base.progress import phase, say
from harness.localaws import control, state_lock


def run(options: Options) -> int:
    """Stop the local AWS; with ``ALL=1`` forget what it holds, too, with the plans and Terraform's data beside it.

    Raises:
        HarnessError: its last save failed, or, with ``ALL=1``, it still runs.
    """
    local = control.running(LOCAL_STATE)
    if local is None:
        say("  the local AWS is not running")
    else:
        with phase("stop the local AWS"), suppress(*[HarnessError] if options.everything else []):
            control.stop(local)  # with ALL=1 nothing that it holds is to be saved
    if options.everything:
        state_lock.remove(LOCAL_STATE)
    return 0
