"""``make rollback``: the versions that were live before serve again; one command, no question asked."""

from harness.base.options import Options
from harness.terraform.context import open_context
from harness.verbs.release import close, open_release


def run(options: Options) -> int:
    """Roll one environment back, or one function of it."""
    context = open_context(options)
    release = open_release(context, guarded=False, function=options.function)
    close(context, release, release.back())
    return 0
