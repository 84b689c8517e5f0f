"""``make lock``: pins of all packages, with checksums of the files that may be installed. Standard library only."""

import shlex

from harness.base.options import Options
from harness.base.paths import shown
from harness.base.progress import phase, say
from harness.base.toolset import lock


def run(options: Options) -> int:
    """Write the pins and name the files that changed.

    Raises:
        ToolError: a package cannot be had.
    """
    with phase("pin packages (requirements/)"):
        changed = lock(shlex.split(options.arguments))
    for file in changed:
        say(f"  wrote {shown(file)}: review what it takes in")
    return 0
