"""What finishing an interrupted apply may do: what was approved, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.adopt.journal import Journal
from harness.plan import Action, Plan, ResourceChange

_QUIET = {Action.NO_OP, Action.READ}
# What was half made is mended or made anew; what was made is adopted, and may need the settings it had not yet got.
_MAKING = {Action.CREATE, Action.UPDATE, Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST}


def beyond(plan: Plan, files: Mapping[str, str], journal: Journal) -> tuple[str, ...]:
    """What ``plan`` holds that the approved plan did not; empty when it may be applied unseen.

    Args:
        plan: what is left to do.
        files: fingerprints of what it was planned from.
        journal: what was approved.
    """
    return (*_changed(files, journal.files), *_unapproved(plan, journal.plan))


def _changed(files: Mapping[str, str], approved: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(files.keys() | approved.keys()):
        if files.get(name) != approved.get(name):
            yield f"{name} changed since"


def _unapproved(plan: Plan, approved: Plan) -> Iterator[str]:
    for change in plan.resources.values():
        if change.action in _QUIET:
            continue
        # Adopting must not cost anything: what would be replaced may hold data by now.
        adopted_to_destroy = change.importing is not None and change.action.destroys
        if adopted_to_destroy or change.action not in _allowed(approved.resources.get(change.address)):
            yield f"{change.address}: {change.action}"


def _allowed(approved: ResourceChange | None) -> set[Action]:
    if approved is None:
        return set()
    making = approved.importing is not None or approved.action in _MAKING - {Action.UPDATE}
    return _MAKING if making else {approved.action}
