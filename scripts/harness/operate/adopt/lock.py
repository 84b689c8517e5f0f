"""The lock that a killed apply leaves on the state: freed only when it is provably its own."""

import os
from datetime import datetime
from pathlib import Path

import psutil

from harness.base.errors import HarnessError
from harness.base.paths import Stack, Target
from harness.operate.adopt.search import SKEW_SECONDS
from harness.terraform.runner import Runner
from harness.terraform.state import State


def free_dead_lock(stack: Stack, state: State, runner: Runner, since: float) -> None:
    """Free the stack's lock when this machine took it after ``since`` and nothing on this machine works on the stack.

    Args:
        since: seconds since the epoch when the interrupted apply began.

    Raises:
        HarnessError: the lock is somebody else's, or a Terraform still works on the stack.
    """
    lock = state.lock()
    if lock is None:
        return
    here = lock.who.endswith(f"@{os.uname().nodename}")
    later = datetime.fromisoformat(lock.created).timestamp() >= since - SKEW_SECONDS
    if not (here and later) or at_work(stack):
        raise HarnessError(
            f"the state is locked, held by {lock.who} since {lock.created} ({lock.operation})",
            "wait for that run to end; if it is dead see docs/runbooks/stuck-lock.md",
        )
    runner.force_unlock(lock.lock_id)


def at_work(stack: Stack) -> bool:
    """Tell whether any Terraform of this machine names the stack, or its saved plan, on its command line.

    Another copy of the tree on this machine may work on the same stack of an AWS account; a local AWS has one tree.
    """
    signs = [f"{stack.folder}/"]
    if stack.target is Target.AWS:
        signs += [f"environment_suffix={stack.suffix}", f"/{stack.environment}/{stack.suffix}/"]
    for process in psutil.process_iter(["cmdline"]):
        arguments = process.info["cmdline"] or ()
        if not arguments or Path(arguments[0]).name != "terraform":
            continue
        if any(sign in word for word in arguments for sign in signs):
            return True
    return False
