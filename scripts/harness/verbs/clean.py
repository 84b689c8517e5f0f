"""``make clean``: what commands left in build/, but not the tools nor the local AWS; ``ALL=1`` removes those too."""

import shutil

from harness.base.errors import UsageError
from harness.base.options import Options
from harness.base.paths import BUILD, CACHE, LOCAL_STATE, REPORTS
from harness.localaws import control, state_lock


def run(options: Options) -> int:
    """Delete reports, plans, caches and the zip.

    Raises:
        HarnessError: with ``ALL=1``, the local AWS runs.
    """
    if options.everything:
        if control.running(LOCAL_STATE) is not None:
            raise UsageError("the local AWS is running on build/local", "make down first")
        state_lock.remove(LOCAL_STATE)
    folders = [BUILD] if options.everything else [REPORTS, CACHE, BUILD / "bundle", BUILD / "local-plans"]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if not options.everything:
        for target in ("local", "aws"):
            for plan in (BUILD / target).glob("*/*/plan*"):
                plan.unlink()
    return 0
