"""``make -s inventory``: what an environment's plan shows, as an inventory to pick assertions from."""

from __future__ import annotations

from harness.base.errors import UsageError
from harness.base.options import Options
from harness.base.paths import environments
from harness.inventory import suggest
from harness.verbs.docs import offline_plans


def run(options: Options) -> int:
    """Print the suggestion for ENV; ``tests/envs/<ENV>.yaml`` keeps of it what a reader would defend in review.

    Raises:
        UsageError: ENV is missing or unknown.
    """
    if options.environment not in environments():
        raise UsageError(f"ENV={options.environment} is not an environment", f"use one of: {', '.join(environments())}")
    print(suggest(offline_plans()[options.environment]), end="")
    return 0
