"""``make prune``: published versions that nobody needs, shown first, deleted with CONFIRM=<environment>."""

from harness.base.options import Options
from harness.base.progress import say
from harness.base.results import write_report
from harness.operate.release.pruning import find_expendable, prune
from harness.terraform.context import open_context
from harness.verbs.release import open_release


def run(options: Options) -> int:
    """Prune the versions of one environment's functions."""
    context = open_context(options)
    stack = context.stack
    release = open_release(context, guarded=False)
    confirmed = options.confirm == stack.environment
    found = {alias.function: find_expendable(alias, release.store) for alias in release.fleet.aliases}
    for alias in release.fleet.aliases:
        if confirmed:
            prune(alias, found[alias.function])
        of = f" of {alias.function}" if len(found) > 1 else ""
        listed = ", ".join(found[alias.function]) or "none"
        print(f"{stack.title}: {'old versions deleted' if confirmed else 'versions nobody needs'}{of}: {listed}")
    if any(found.values()) and not confirmed:
        say(f"  nothing is changed; to delete them add CONFIRM={stack.environment}")
    write_report(
        f"prune-{stack.slug}",
        {"versions": {name: list(versions) for name, versions in found.items()}, "deleted": confirmed},
    )
    return 0
