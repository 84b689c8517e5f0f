"""The steps of a recovery that ask and change things; ``operate.applying`` plans and applies between them."""

import contextlib
from pathlib import Path
from typing import Any

import botocore.exceptions

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.base.progress import say
from harness.operate.adopt.finders import ADOPTED, unknown_types
from harness.operate.adopt.journal import Journal
from harness.operate.adopt.search import SKEW_SECONDS, Search, find_made, was_new
from harness.operate.instances import Instance, read_instances
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
    half_made = sorted({one.address for one in _known(state) if one.half_made} & new)
    if half_made:
        runner.forget(half_made)


def find_lost(aws: Aws, state: State, journal: Journal) -> dict[str, str]:
    """Address -> import id of what the apply made and the state does not know.

    Raises:
        HarnessError: AWS refuses, or two things answer to one description.
    """
    return find_made(_search(aws, state, journal), ADOPTED)


def remove_leftovers(aws: Aws, state: State, journal: Journal) -> tuple[str, ...]:
    """Delete the deployments that the apply made and nothing will use, when all else is done; returns their ids.

    A deployment goes when it is in an API of ours, was made since the interrupted apply began, is in no state and is
    served by no stage. Those that people made before, to go back to, stay. Nothing else is deleted by a recovery.

    Raises:
        HarnessError: AWS refuses.
    """
    search, removed = _search(aws, state, journal), []
    for change in search.plan.all_of_type("aws_api_gateway_rest_api"):
        api = search.ids.get(change.address)
        if api is None:
            continue
        kept = {*search.ids.values(), *_served(search, api)}
        for deployment in search.listed("apigateway", "get_deployments", "items", restApiId=api):
            made = deployment["createdDate"].timestamp()
            if deployment["id"] not in kept and made >= search.since - SKEW_SECONDS:
                search.ask("apigateway", "delete_deployment", restApiId=api, deploymentId=deployment["id"])
                removed.append(str(deployment["id"]))
    return tuple(removed)


def _search(aws: Aws, state: State, journal: Journal) -> Search:
    """Begin a search that knows what the state holds now."""
    ids = {one.address: str(one.attributes.get("id")) for one in _known(state)}
    return Search(aws, journal.plan, journal.since, ids)


def _known(state: State) -> list[Instance]:
    """List what the state knows; what an unfinished replacement left over is no longer at its address."""
    return [one for one in read_instances(state) if not one.left_over]


def _served(search: Search, api: str) -> set[str]:
    stages: Any = search.ask("apigateway", "get_stages", restApiId=api) or {"item": ()}
    served = {stage["deploymentId"] for stage in stages["item"]}
    return served | {stage["canarySettings"]["deploymentId"] for stage in stages["item"] if "canarySettings" in stage}
