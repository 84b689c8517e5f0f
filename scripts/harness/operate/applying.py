"""Apply a saved plan and nothing else, after the preflight; finish an apply that was killed."""

import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from harness.base.errors import StaleError, UsageError
from harness.base.paths import Stack, shown
from harness.base.progress import phase, say
from harness.operate.adopt.journal import (
    Journal,
    Outcome,
    begin,
    begin_recovery,
    beyond,
    changed_files,
    journal_of,
    outcome,
    require_settled,
    settle,
)
from harness.operate.adopt.lock import free_dead_lock
from harness.operate.adopt.lost import find_lost, forget_half_made, remove_leftovers
from harness.operate.adopt.overlay import overlay
from harness.operate.execute import apply_log, execute, refuse_broken, spend_plan
from harness.operate.planning import Planned, initialise, make_plan
from harness.operate.preflight import preflight
from harness.terraform.context import Context
from harness.terraform.detached import failure_in
from harness.terraform.fingerprint import load_meta, require_fresh
from harness.terraform.runner import Runner

_POLL_SECONDS = 0.2


def apply_saved(context: Context) -> None:
    """Apply the plan in ``build/``, or finish the apply of it that was interrupted.

    Raises:
        StaleError: there is no plan, or a file changed since it was made.
        UsageError: the environment is guarded, and CONFIRM does not name it.
        HarnessError: a rule forbids it, preflight found a problem, another apply runs, or Terraform failed.
    """
    stack = context.stack
    if stack.plan_meta.exists() and outcome(stack) is Outcome.SETTLED:
        # Nobody is asked to confirm what is refused in any case.
        refuse_broken(stack, require_fresh(stack).refusals)
    confirm(context)
    if recover_if_interrupted(context):
        return
    meta = require_fresh(stack)
    refuse_broken(stack, meta.refusals)
    with phase("preflight"):
        preflight(context)
    with phase(f"apply {stack.title}"):
        execute(context)
    spend_plan(stack)


def recover_if_interrupted(context: Context, *, review: bool = True) -> bool:
    """Finish the stack's last apply if it did not come to its end; wait for it if it still runs.

    Args:
        review: ask for a review when more is left to do than was approved; false where nobody reviews plans.

    Returns:
        Whether there was one, which is finished now.

    Raises:
        StaleError: more is left to do than was approved.
        HarnessError: the lock is somebody else's, a rule forbids what is left, or Terraform failed.
    """
    stack = context.stack
    _wait(stack)
    state = outcome(stack)
    journal = journal_of(stack)
    if state is Outcome.SETTLED or journal is None:
        return False
    if state is Outcome.FINISHED:
        say(f"  the last apply of {stack.title} went to its end by itself")
    else:
        say(f"  the last apply of {stack.title} was interrupted: recovering")
        if failure := failure_in(apply_log(stack)):
            say(f"    it had said: {failure[0]}")
        _recover(_as_owner(context, journal), journal, review=review)
    settle(stack)
    spend_plan(stack)
    # A destroy that went to its end leaves everything to apply.
    return state is not Outcome.FINISHED or not journal.destroys_only


def confirm(context: Context) -> None:
    """Refuse to change a guarded environment unless the caller repeats its name.

    Raises:
        UsageError: CONFIRM does not name it.
    """
    environment = context.stack.environment
    if context.environment.guarded and context.options.confirm != environment:
        raise UsageError(
            f"{environment} changes only on purpose", f"add CONFIRM={environment}, or --confirm {environment}"
        )


def prepare_destroy(context: Context) -> None:
    """Deal with an apply or a destroy that was killed, before everything is destroyed.

    A destroy that was killed only left its lock: Terraform sees for itself what is gone. An apply may have left what
    no destroy would find.

    Raises:
        HarnessError: an apply runs or was killed, or the lock is somebody else's.
    """
    journal = journal_of(context.stack)
    if outcome(context.stack) is Outcome.INTERRUPTED and journal is not None and journal.destroys_only:
        initialise(context)
        free_dead_lock(context.stack, context.state, context.runner, journal.since)
        return
    require_settled(context.stack)


def _wait(stack: Stack) -> None:
    if outcome(stack) is Outcome.RUNNING:
        with phase(f"wait for the apply of {stack.title} that runs"):
            while outcome(stack) is Outcome.RUNNING:
                time.sleep(_POLL_SECONDS)


def _recover(context: Context, journal: Journal, *, review: bool) -> None:
    stack = context.stack
    begin_recovery(stack, journal)
    initialise(context)
    free_dead_lock(stack, context.state, context.runner, journal.since)
    forget_half_made(context.state, context.runner, journal)
    planned, adopted = _plan_adopting(context, journal)
    more = (*changed_files(load_meta(stack).files, journal.files), *beyond(planned.plan, journal.plan))
    if more and review:
        # What is reviewed now is what the next run is held to.
        begin(stack, recovering=True)
        raise StaleError(
            f"what is left to do differs from the plan that was interrupted ({more[0]})",
            f"review {shown(stack.folder / 'plan.txt')}, then make apply {context.apply_words} again",
        )
    refuse_broken(stack, planned.refusal_lines)
    # No preflight: it held before the apply began, and now its own table would count as somebody else's.
    if planned.changed:
        with phase(f"finish {stack.title}, {adopted} adopted"):
            execute(context, recovering=True)
    remove_leftovers(context.aws, context.state, journal)


def _plan_adopting(context: Context, journal: Journal) -> tuple[Planned, int]:
    """Return a plan that adopts what is found, and how much that is; once more when meanwhile more turned up.

    AWS may still be at work on the last requests of a process that is dead.
    """
    found = _found(context, journal)
    while True:
        adopted = found
        with overlay(context.stack, adopted) as root:
            planned = make_plan(_OverlayContext(context.options, context.stack, context.aws, root))
        found = _found(context, journal)
        if found == adopted:
            return planned, len(adopted)


def _found(context: Context, journal: Journal) -> dict[str, str]:
    with phase("look for what it made"):
        return find_lost(context.aws, context.state, journal)


@dataclass(frozen=True)
class _OverlayContext(Context):
    """A context whose Terraform runs in ``root`` instead of the stack's own root."""

    root: Path

    @cached_property
    def runner(self) -> Runner:
        """Terraform in the overlay."""
        return Runner(self.terraform, self.root, self.env)


def _as_owner(context: Context, journal: Journal) -> Context:
    """Return the context with the approved plan's Owner tag: finishing an apply changes nothing about it."""
    return replace(context, options=replace(context.options, owner=journal.owner))
