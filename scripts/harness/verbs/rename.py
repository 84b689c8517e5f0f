"""``make rename PROJECT=… PREFIX=… REGION=…``: the product's names. Standard library only."""

from harness.base.options import Options
from harness.base.paths import REPO
from harness.scaffold.edits import tell
from harness.scaffold.renaming import rename


def run(options: Options) -> int:
    """Rename the product.

    Raises:
        UsageError: nothing is given, or a name cannot be taken.
    """
    given = {"project": options.project, "prefix": options.prefix, "region": options.region}
    return tell(REPO, rename(REPO, given))
