"""``make new``: an environment, a service or a route, as a person would write it. Standard library only."""

from harness.base.errors import UsageError
from harness.base.options import Options
from harness.base.paths import REPO
from harness.scaffold.edits import Edits, tell
from harness.scaffold.new_environment import new_environment


def run(options: Options) -> int:
    """Make what one of the options names.

    Raises:
        UsageError: none or several are named, or the name cannot be taken.
    """
    return tell(REPO, computed(options))


def computed(options: Options) -> Edits:
    """Compute the edits that are asked for."""
    if options.new_environment:
        return new_environment(REPO, options.new_environment, options.like)
    raise UsageError("nothing to make is given", "give ENVIRONMENT= (and FROM=)")
