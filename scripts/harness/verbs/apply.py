"""``make apply``: the saved plan and nothing else, after the preflight; recovers an apply that was killed."""

from __future__ import annotations

import os
from pathlib import Path

from harness.context import Context, open_context
from harness.detached import read_mark, run_detached
from harness.errors import HarnessError, StaleError, UsageError
from harness.fingerprint import require_fresh
from harness.options import Options
from harness.paths import Stack, shown
from harness.plan import Action, Plan, read_plan
from harness.preflight import preflight
from harness.progress import phase, say
from harness.reports import write_report
from harness.verbs.plan import make_plan
from harness.verbs.release import release_or_say

_GUARDED = ("prod",)
_QUIET = {Action.NO_OP, Action.READ}


def run(options: Options) -> int:
    """Apply the saved plan of one environment."""
    context = open_context(options)
    apply_saved(context)
    release_or_say(context)
    say(f"  applied; next: make smoke {context.stack.make_words}")
    return 0


def apply_saved(context: Context) -> None:
    """Apply the plan in ``build/``.

    Raises:
        StaleError: there is no plan, or a file changed since it was made.
        UsageError: prod without ``CONFIRM=prod``.
        HarnessError: a rule forbids it, preflight found a problem, another apply runs, or Terraform failed.
    """
    stack = context.stack
    confirm(context)
    _recover(context)
    meta = require_fresh(stack)
    if meta.errors:
        raise HarnessError(
            f"the saved plan of {stack.title} breaks {meta.errors} rule(s)",
            f"read {shown(stack.folder / 'plan.txt')}, mend it and run make plan {stack.make_words}",
        )
    with phase("preflight"):
        preflight(context)
    with phase(f"apply {stack.title}"):
        execute(context)
    # A plan is good for one apply; what is left of it could only mislead.
    for spent in (stack.plan_bin, stack.plan_meta):
        spent.unlink(missing_ok=True)
    write_report(f"apply-{stack.environment}-{stack.suffix}", {"applied": True, "target": stack.target})


def execute(context: Context) -> None:
    """Run the apply worker on the saved plan.

    Raises:
        HarnessError: it failed or was killed.
    """
    stack = context.stack
    arguments = [str(context.terraform), str(stack.root), str(stack.plan_bin)]
    env = {**os.environ, **context.env, "TF_STATE_PERSIST_INTERVAL": "1"}
    run_detached(arguments, _mark(stack), stack.folder / "apply.log", env)


def confirm(context: Context) -> None:
    """Refuse to change a guarded environment unless the caller repeats its name.

    Raises:
        UsageError: CONFIRM does not name it.
    """
    environment = context.stack.environment
    if environment in _GUARDED and context.options.confirm != environment:
        raise UsageError(f"{environment} changes only on purpose", f"add CONFIRM={environment}")


def _mark(stack: Stack) -> Path:
    return stack.folder / "apply.running.json"


def _recover(context: Context) -> None:
    """After an apply that was killed: free the lock it left, plan again, go on only with what was reviewed."""
    stack = context.stack
    mark = read_mark(_mark(stack))
    if mark is None:
        return
    if mark.host == os.uname().nodename and mark.alive():
        raise HarnessError(f"an apply of {stack.title} is running (process {mark.pid})", "wait for it to end")
    approved = read_plan(stack.plan_json.read_bytes()) if stack.plan_json.exists() else None
    say(f"  the last apply of {stack.title} was killed: recovering")
    _free_lock(context, mark.host)
    planned = make_plan(context)
    beyond = sorted(_changes(planned.plan) - (_changes(approved) if approved else set()))
    if beyond:
        raise StaleError(
            f"what is left to do differs from the plan that was interrupted ({beyond[0][0]}: {beyond[0][1]})",
            f"review {shown(stack.folder / 'plan.txt')}, then make apply {stack.make_words} again",
        )
    _mark(stack).unlink(missing_ok=True)


def _free_lock(context: Context, host: str) -> None:
    lock = context.state.lock()
    if lock is None:
        return
    # Ours and dead: the mark names a process of this machine that no longer exists.
    if host != os.uname().nodename or not lock.who.endswith(f"@{host}"):
        raise HarnessError(
            f"the state is locked, held by {lock.who} since {lock.created} ({lock.operation})",
            "wait for that run to end; if it is dead see docs/runbooks/stuck-lock.md",
        )
    context.runner.force_unlock(lock.lock_id)


def _changes(plan: Plan) -> set[tuple[str, str]]:
    # A resource the killed run was about to create may by now be half-made, which Terraform replaces: still a create.
    return {
        (change.address, "create" if change.action in _CREATING else change.action)
        for change in plan.resources.values()
        if change.action not in _QUIET
    }


_CREATING = {Action.CREATE, Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST}
