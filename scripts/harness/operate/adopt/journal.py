"""Files about an apply while it runs: the plan that was approved, and what is beyond it; since when; if it is over."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.paths import Stack, shown, write_atomically
from harness.plan import Action, Plan, ResourceChange, read_plan
from harness.terraform.detached import End, read_mark
from harness.terraform.fingerprint import load_meta
from harness.typed.records import read_as

_QUIET = {Action.NO_OP, Action.READ}
# What was to be created and is there already may lack settings it had not yet got. It is never replaced: half-made
# things are completed, and what was adopted may hold data by now.
_COMPLETING = {Action.CREATE, Action.UPDATE}
_REPLACING = {Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST}


def changed_files(now: Mapping[str, str], then: Mapping[str, str]) -> tuple[str, ...]:
    """List files that changed since the approved plan was made."""
    names = sorted(now.keys() | then.keys())
    return tuple(f"{name} changed since" for name in names if now.get(name) != then.get(name))


def beyond(plan: Plan, approved: Plan) -> tuple[str, ...]:
    """List actions of ``plan`` that ``approved`` did not have; empty when it only finishes that."""
    return tuple(
        f"{change.address}: {change.action}"
        for change in plan.resources.values()
        if change.action not in _QUIET | _allowed(approved.resources.get(change.address))
    )


def _allowed(approved: ResourceChange | None) -> set[Action]:
    if approved is None:
        return set()
    if approved.action in _REPLACING:
        return _COMPLETING | _REPLACING
    new = approved.action is Action.CREATE or approved.importing is not None
    return _COMPLETING if new else {approved.action}


class Outcome(StrEnum):
    """State of the last apply of a stack."""

    SETTLED = "settled"
    """Nothing is left to do about it."""
    RUNNING = "running"
    FINISHED = "finished"
    """It did everything, while the harness that began it is gone."""
    FAILED = "failed"
    """It failed by itself; all it made is in the state."""
    INTERRUPTED = "interrupted"
    """It was killed or asked to stop: it may have made what is in no state, and left the state locked."""


_OUTCOMES = {
    End.UNKNOWN: Outcome.INTERRUPTED,
    End.FINISHED: Outcome.FINISHED,
    End.HALTED: Outcome.INTERRUPTED,
    End.FAILED: Outcome.FAILED,
}


@dataclass(frozen=True, slots=True)
class Journal:
    """An apply as it was approved.

    Attributes:
        since: seconds since the epoch; nothing it made is older.
        recovering: whether it finishes an earlier apply that was killed; stays until all of that is dealt with.
        owner: the Owner tag it was planned with, also when that is the root's default.
        files: fingerprints of everything it was planned from, see ``fingerprint``.
    """

    since: float
    recovering: bool
    owner: str
    files: Mapping[str, str]
    plan_json: str

    @property
    def plan(self) -> Plan:
        """Read the approved plan."""
        return read_plan(self.plan_json.encode())

    @property
    def destroys_only(self) -> bool:
        """Tell whether it was a destroy."""
        actions = {change.action for change in self.plan.resources.values() if change.mode == "managed"}
        return Action.DELETE in actions and actions <= {Action.DELETE, Action.NO_OP, Action.FORGET}


def begin(stack: Stack, *, recovering: bool = False) -> Journal:
    """Take down the saved plan as the approved one, before it is applied.

    A recovery goes on counting from the first apply it recovers.

    Raises:
        StaleError: there is no saved plan.
    """
    earlier = journal_of(stack) if recovering else None
    plan = stack.plan_json.read_text()
    owner = read_plan(plan.encode()).variables.get("owner", "")
    since = earlier.since if earlier else time.time()
    journal = Journal(since, recovering, str(owner), load_meta(stack).files, plan)
    if not recovering:
        # The mark of an earlier apply must not speak for this one.
        mark_path(stack).unlink(missing_ok=True)
    _write(stack, journal)
    return journal


def begin_recovery(stack: Stack, journal: Journal) -> None:
    """Take down that ``journal``'s apply is being finished: until :func:`settle`, nothing else may be planned."""
    _write(stack, replace(journal, recovering=True))


def journal_of(stack: Stack) -> Journal | None:
    """Read the journal of the last apply, or ``None``.

    Raises:
        HarnessError: the file is damaged.
    """
    path = _journal_path(stack)
    try:
        return read_as(path.read_bytes(), Journal)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise HarnessError(f"{shown(path)} is damaged", "delete it, then follow docs/runbooks/stuck-lock.md") from error


def outcome(stack: Stack) -> Outcome:
    """Find out how the last apply of ``stack`` stands.

    Raises:
        HarnessError: a file is damaged, or another machine that shares the build folder began the apply.
    """
    mark, journal = read_mark(mark_path(stack)), journal_of(stack)
    if mark is not None and mark.end is End.UNKNOWN and mark.host != os.uname().nodename:
        raise HarnessError(f"the last apply of {stack.title} began on {mark.host}", "run this there")
    if mark is not None and mark.end is End.UNKNOWN and mark.alive():
        return Outcome.RUNNING
    # It may have come to its end, and said so, while its processes were looked for.
    mark = read_mark(mark_path(stack))
    if journal is None:
        return Outcome.SETTLED
    if journal.recovering:
        return Outcome.INTERRUPTED
    return _OUTCOMES[mark.end] if mark is not None else Outcome.SETTLED


def require_settled(stack: Stack) -> None:
    """Make sure that nothing is left to do about the last apply, before something else is planned.

    Raises:
        HarnessError: it still runs, or it was interrupted.
    """
    state = outcome(stack)
    if state is Outcome.RUNNING:
        raise HarnessError(f"an apply of {stack.title} is running", "wait for it to end")
    if state is Outcome.INTERRUPTED:
        raise HarnessError(
            f"the last apply of {stack.title} was interrupted", f"make apply {stack.make_words} finishes it"
        )
    settle(stack)


def settle(stack: Stack) -> None:
    """Forget the last apply: everything about it is dealt with."""
    # The mark goes last: a journal without a mark says nothing, a mark without a journal neither.
    _journal_path(stack).unlink(missing_ok=True)
    mark_path(stack).unlink(missing_ok=True)


def mark_path(stack: Stack) -> Path:
    """Return the path of the mark that the worker of ``stack`` leaves."""
    return stack.folder / "apply.running.json"


def _write(stack: Stack, journal: Journal) -> None:
    path = _journal_path(stack)
    write_atomically(path, json.dumps(asdict(journal)).encode())
    # Like the plan itself, it holds values that Terraform marks as sensitive.
    path.chmod(0o600)


def _journal_path(stack: Stack) -> Path:
    return stack.folder / "apply.journal.json"
