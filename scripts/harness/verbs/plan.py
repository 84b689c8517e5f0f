"""``make plan``: plan one environment, show what changes and which gates ran; a broken one is exit 1."""

import os
import sys
from functools import partial

from harness.base.options import Options
from harness.base.paths import shown
from harness.base.progress import say
from harness.operate.adopt.journal import require_settled
from harness.operate.planning import Planned, make_plan
from harness.operate.release.steps import steps_of
from harness.plan import Action
from harness.report.screen import view_of
from harness.report.wording import wrapped
from harness.terraform.context import Context, open_context
from harness.verbs.parity import parity_gate


def run(options: Options) -> int:
    """Plan one environment; exit 1 when a rule, a contract or the comparison with its like is in error."""
    context = open_context(options)
    require_settled(context.stack)
    planned = make_plan(context, beside=partial(parity_gate, context.stack.environment))
    view = view_of(sys.stdout, os.environ, verbose=options.verbose)
    print(planned.summary(context, view), end="")
    if half_done := unfinished_release(context, planned):
        say(f"  {half_done}")
    say("\n".join(wrapped(f"  saved {shown(context.stack.plan_bin)}; {next_step(context, planned)}", view.width)))
    return 1 if planned.errors else 0


def unfinished_release(context: Context, planned: Planned) -> str:
    """Say that a release is under way or was interrupted, and both ways out; empty when none is."""
    running, words = planned.releases.running, context.stack.make_words
    if running is None:
        return ""
    return (
        f"a release is half done, at {running.percent} % (by {running.who}): "
        f"make release {words} goes on, make rollback {words} takes it back"
    )


def next_step(context: Context, planned: Planned) -> str:
    """Say what to do now: a command to paste, or what keeps the plan from being applied."""
    if planned.errors:
        names = ", ".join(dict.fromkeys(one.check for one in planned.refusals))
        again = f"make plan {context.stack.make_words}"
        return f"make apply refuses it: mend what {names} found ({planned.errors} above), then {again}"
    if not planned.changed:
        return "nothing to apply"
    return f"next: make apply {context.apply_words}{_then(context, planned)}"


def _then(context: Context, planned: Planned) -> str:
    """Say that requests reach the new code only by a release in steps, where one follows the apply."""
    aliases, functions = (planned.plan.of_type(f"aws_lambda_{kind}") for kind in ("alias", "function"))
    published = any(one.action is not Action.NO_OP for one in functions)
    served = any(one.action is not Action.CREATE for one in aliases)
    if not published or not served or len(steps_of(context.stack.environment)) == 1:
        return ""
    return f" (it moves no requests: what it publishes serves after make release {context.stack.make_words})"
