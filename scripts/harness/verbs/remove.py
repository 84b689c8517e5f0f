"""``make remove``: take an environment or a service away. Standard library only."""

from pathlib import Path

from harness.base.errors import UsageError
from harness.base.options import Options
from harness.base.paths import REPO
from harness.scaffold.removed_environment import remove_environment
from harness.scaffold.removed_service import remove_service
from harness.scaffold.tree_edits import Edits, tell


def run(options: Options) -> int:
    """Remove what one of the options names.

    Raises:
        UsageError: none or both are named, or what is named is not there or the last of its kind.
    """
    return tell(REPO, computed(options))


def computed(options: Options, tree: Path = REPO) -> Edits:
    """Compute the edits that are asked for."""
    if bool(options.new_environment) == bool(options.service):
        raise UsageError("remove takes one thing", "give one: ENVIRONMENT= or SERVICE=")
    if options.service:
        return remove_service(tree, options.service)
    return remove_environment(tree, options.new_environment)
