"""Running a saved plan: what every verb that applies one shares."""

import os
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.paths import Stack, shown
from harness.base.results import write_report
from harness.operate.adopt.journal import begin, mark_path, settle
from harness.operate.adopt.lost import note_failure
from harness.terraform.context import Context
from harness.terraform.detached import run_detached


def execute(context: Context, *, recovering: bool = False) -> None:
    """Run the apply worker on the saved plan.

    Raises:
        HarnessError: it failed or was killed.
    """
    stack = context.stack
    # envs/account is planned without JSON and without review: there is no approved plan to finish.
    if stack.plan_json.exists():
        begin(stack, recovering=recovering)
    mark = mark_path(stack)
    arguments = [str(context.terraform), str(stack.root), str(stack.plan_bin), str(mark)]
    try:
        run_detached(arguments, apply_log(stack), {**os.environ, **context.env})
    except HarnessError:
        note_failure(context.state, mark)
        raise
    if not recovering:
        settle(stack)


def apply_log(stack: Stack) -> Path:
    """Return what the worker of the last apply printed."""
    return stack.folder / "apply.log"


def refuse_broken(stack: Stack, errors: int) -> None:
    """Refuse a plan that breaks rules.

    Raises:
        HarnessError: it breaks at least one.
    """
    if errors:
        raise HarnessError(
            f"the saved plan of {stack.title} breaks {errors} rule(s)",
            f"read {shown(stack.folder / 'plan.txt')}, mend it and run make plan {stack.make_words}",
        )


def spend_plan(stack: Stack) -> None:
    """Delete the saved plan that was applied, and note that it was."""
    forget_plan(stack)
    write_report(f"apply-{stack.slug}", {"applied": True, "target": stack.target})


def forget_plan(stack: Stack) -> None:
    """Delete the saved plan: it is good for one apply, what is left of it could only mislead."""
    for spent in (stack.plan_bin, stack.plan_meta):
        spent.unlink(missing_ok=True)
