"""The steps of a recovery that ask and change things; ``operate.applying`` plans and applies between them."""

import contextlib
from pathlib import Path

import botocore.exceptions

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.base.progress import say
from harness.operate.adopt.finders import ADOPTED, unknown_types
from harness.operate.adopt.journal import Journal
from harness.operate.adopt.known import known
from harness.operate.adopt.leftovers import remove_unused_deployments
from harness.operate.adopt.search import Search, find_made, was_new
from harness.terraform.detached import End, read_mark, write_mark
from harness.terraform.runner import Runner
from harness.terraform.state import State


def note_failure(state: State, mark: Path) -> None:
    """After an apply that failed: take down that it saved its state, if it did.

    Terraform gives the lock back after it has saved the state: no lock, nothing lost. What cannot be asked now counts
    as lost and is looked for by the next apply.
    """
    ended = read_mark(mark)
    if ended is None or ended.end is not End.UNKNOWN:
        return
    with contextlib.suppress(HarnessError, botocore.exceptions.BotoCoreError):
        if state.lock() is None:
            write_mark(mark, ended, End.FAILED)


def forget_half_made(state: State, runner: Runner, journal: Journal) -> None:
    """Drop from the state what the apply could not finish creating, so that it is found, adopted and completed.

    Terraform would replace it, and as a deployment is replaced new one first, so is all that it depends on: the name
    is then taken by the half-made one itself. Types that cannot be looked for are said, once a recovery.

    Raises:
        HarnessError: the state cannot be read or is locked.
    """
    unknown = unknown_types(journal.plan)
    if unknown:
        say(f"    not looked for: {', '.join(unknown)}; is one there already, import it or delete it")
    new = {change.address for change in journal.plan.resources.values() if was_new(change)}
    half_made = sorted(known(state).half_made & new)
    if half_made:
        runner.forget(half_made)


def find_lost(aws: Aws, state: State, journal: Journal) -> dict[str, str]:
    """Address -> import id of what the apply made and the state does not know.

    Raises:
        HarnessError: AWS refuses, or two things answer to one description.
    """
    return find_made(Search(aws, journal.plan, journal.since, dict(known(state).ids)), ADOPTED)


def remove_leftovers(aws: Aws, state: State, journal: Journal) -> tuple[str, ...]:
    """Delete what the apply made and nothing will use, when all else is done; returns what it was.

    Raises:
        HarnessError: AWS refuses.
    """
    return remove_unused_deployments(Search(aws, journal.plan, journal.since, dict(known(state).ids)))
