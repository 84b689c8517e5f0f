"""``make prune``: published versions that nobody needs, shown first, deleted with CONFIRM=<environment>."""

from __future__ import annotations

from harness.base.options import Options
from harness.base.progress import say
from harness.base.results import write_report
from harness.operate.release import find_expendable, prune
from harness.terraform.context import open_context
from harness.verbs.release import open_release


def run(options: Options) -> int:
    """Prune the versions of one environment's function."""
    context = open_context(options)
    stack = context.stack
    release = open_release(context, guarded=False)
    versions = find_expendable(release.alias, release.store)
    listed = ", ".join(versions) or "none"
    confirmed = options.confirm == stack.environment
    if confirmed:
        prune(release.alias, versions)
    print(f"{stack.title}: {'old versions deleted' if confirmed else 'versions nobody needs'}: {listed}")
    if versions and not confirmed:
        say(f"  nothing is changed; to delete them add CONFIRM={stack.environment}")
    write_report(f"prune-{stack.environment}-{stack.suffix}", {"versions": list(versions), "deleted": confirmed})
    return 0
