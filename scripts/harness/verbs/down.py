"""``make down``: stop the local AWS. What it holds stays in build/local and is there again after ``make up``."""

import shutil

from harness.base.options import Options
from harness.base.paths import BUILD, LOCAL_STATE, Target
from harness.base.progress import phase, say
from harness.localaws import control


def run(options: Options) -> int:
    """Stop the local AWS; with ``ALL=1`` forget what it holds, too."""
    local = control.running(LOCAL_STATE)
    if local is None:
        say("  the local AWS is not running")
    else:
        with phase("stop the local AWS"):
            control.stop(local)
    if options.everything:
        # The plans and Terraform's data belong to the state that goes.
        for folder in (LOCAL_STATE, BUILD / Target.LOCAL):
            shutil.rmtree(folder, ignore_errors=True)
    return 0
