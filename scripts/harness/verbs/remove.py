"""``make remove``: take an environment or a service away. Standard library only."""

from harness.base.errors import UsageError
from harness.base.options import Options
from harness.base.paths import REPO
from harness.scaffold.edits import Edits, tell
from harness.scaffold.removed_environment import remove_environment


def run(options: Options) -> int:
    """Remove what one of the options names.

    Raises:
        UsageError: none or both are named, or what is named is not there or the last of its kind.
    """
    return tell(REPO, computed(options))


def computed(options: Options) -> Edits:
    """Compute the edits that are asked for."""
    if options.new_environment:
        return remove_environment(REPO, options.new_environment)
    raise UsageError("nothing to remove is given", "give ENVIRONMENT=")
