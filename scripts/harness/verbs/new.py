"""``make new``: an environment, a service or a route, as a person would write it. Standard library only."""

from pathlib import Path

from harness.base.errors import UsageError
from harness.base.options import OPTIONS, Options
from harness.base.paths import REPO
from harness.scaffold.new_environment import new_environment
from harness.scaffold.new_route import new_route
from harness.scaffold.new_service import new_service
from harness.scaffold.tree_edits import Edits, tell


def run(options: Options) -> int:
    """Make what one of the options names.

    Raises:
        UsageError: none or several are named, or the name cannot be taken.
    """
    return tell(REPO, computed(options))


def computed(options: Options, tree: Path = REPO) -> Edits:
    """Compute the edits that are asked for."""
    asked = [name for name in ("ENVIRONMENT", "ROUTE", "SERVICE") if getattr(options, OPTIONS[name][0])]
    if options.like and "ENVIRONMENT" not in asked:
        raise UsageError(f"FROM={options.like} is for an environment", "leave it out, or give ENVIRONMENT=")
    match asked:
        case ["ENVIRONMENT"]:
            return new_environment(tree, options.new_environment, options.like)
        case ["SERVICE"]:
            return new_service(tree, options.service)
        case ["ROUTE"] | ["ROUTE", "SERVICE"]:
            return new_route(tree, options.route, options.service)
    remedy = "give one: ENVIRONMENT= with FROM=, SERVICE=, or ROUTE= (and SERVICE=, where it is not plain)"
    raise UsageError(f"new takes one thing, and {' and '.join(asked) or 'nothing'} is given", remedy)
