"""``make rename PROJECT=… PREFIX=… REGION=…``: the product's names. Standard library only."""

from pathlib import Path

from harness.base.options import Options
from harness.base.paths import REPO
from harness.scaffold.renaming import rename
from harness.scaffold.tree_edits import Edits, tell


def run(options: Options) -> int:
    """Rename the product.

    Raises:
        UsageError: nothing is given, or a name cannot be taken.
    """
    return tell(REPO, computed(options))


def computed(options: Options, tree: Path = REPO) -> Edits:
    """Compute the edits that are asked for."""
    return rename(tree, {"project": options.project, "prefix": options.prefix, "region": options.region})
