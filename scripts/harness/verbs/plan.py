"""``make plan``: plan one environment and show its summary; a broken rule or contract is exit 1."""

from harness.base.options import Options
from harness.base.paths import shown
from harness.base.progress import say
from harness.operate.adopt.journal import require_settled
from harness.operate.planning import make_plan
from harness.terraform.context import open_context


def run(options: Options) -> int:
    """Plan one environment; exit 1 when a rule or a contract is in error."""
    context = open_context(options)
    require_settled(context.stack)
    planned = make_plan(context)
    print(planned.summary(context.stack.title), end="")
    say(f"  saved {shown(context.stack.plan_bin)}; next: make apply {context.apply_words}")
    return 1 if planned.errors else 0
