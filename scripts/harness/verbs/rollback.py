"""``make rollback``: the version that was live before serves again; one command, no question asked."""

from __future__ import annotations

from harness.base.options import Options
from harness.terraform.context import open_context
from harness.verbs.release import close, open_release


def run(options: Options) -> int:
    """Roll one environment back."""
    context = open_context(options)
    release = open_release(context, guarded=False)
    close(context, release, release.back())
    return 0
