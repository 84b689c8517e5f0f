"""``make -s inventory``: what an environment's plan shows, as an inventory to pick assertions from."""

from __future__ import annotations

from harness.base.options import Options
from harness.facts.stacks import stack_of
from harness.inventory import suggest
from harness.scan.offline_plans import offline_plans


def run(options: Options) -> int:
    """Print the suggestion for ENV; ``tests/envs/<ENV>.yaml`` keeps of it what a reader would defend in review.

    Raises:
        UsageError: ENV is missing or unknown.
    """
    name = stack_of(options).environment
    print(suggest(offline_plans((name,))[name]), end="")
    return 0
