"""Running a saved plan: what every verb that applies one shares."""

import os
from collections.abc import Sequence
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.paths import Stack, shown
from harness.base.results import write_report
from harness.operate.adopt.journal import begin, mark_path, settle
from harness.operate.adopt.lost import note_failure
from harness.terraform.context import Context
from harness.terraform.detached import run_detached

_LISTED = 3


def execute(context: Context, *, recovering: bool = False) -> None:
    """Run the apply worker on the saved plan.

    Raises:
        HarnessError: it failed or was killed.
    """
    stack = context.stack
    # Before the journal: an apply that never began is none to finish.
    context.runner.check_state()
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


def refuse_broken(stack: Stack, refusals: Sequence[str]) -> None:
    """Refuse a plan with findings that keep it from being applied.

    Raises:
        HarnessError: there is at least one; names the first few.
    """
    if refusals:
        count = "1 finding keeps" if len(refusals) == 1 else f"{len(refusals)} findings keep"
        listed = [*refusals[:_LISTED], *([f"and {len(refusals) - _LISTED} more"] if len(refusals) > _LISTED else [])]
        raise HarnessError(
            "\n".join([f"{count} the saved plan of {stack.title} from being applied", *listed]),
            f"read about it in {shown(stack.folder / 'plan.txt')}, change what it names, "
            f"then make plan {stack.make_words}",
        )


def spend_plan(stack: Stack) -> None:
    """Delete the saved plan that was applied, and note that it was."""
    forget_plan(stack)
    write_report(f"apply-{stack.slug}", {"applied": True, "target": stack.target})


def forget_plan(stack: Stack) -> None:
    """Delete the saved plan: it is good for one apply, what is left of it could only mislead."""
    for spent in (stack.plan_bin, stack.plan_meta):
        spent.unlink(missing_ok=True)
