"""``make apply``: the saved plan and nothing else, after the preflight; finishes an apply that was killed."""

from harness.base.options import Options
from harness.base.progress import say
from harness.operate.applying import apply_saved
from harness.operate.redeploy import deploy_again
from harness.operate.subscriptions import tell_unconfirmed
from harness.terraform.context import open_context
from harness.verbs.release import release_or_say


def run(options: Options) -> int:
    """Apply the saved plan of one environment."""
    context = open_context(options)
    apply_saved(context)
    deploy_again(context)
    tell_unconfirmed(context)
    next_one = release_or_say(context) or f"make smoke {context.stack.make_words}"
    say(f"  applied; next: {next_one}")
    return 0
