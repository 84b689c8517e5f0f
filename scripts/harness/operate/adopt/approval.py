"""Limits of finishing an interrupted apply: what was approved, and nothing beyond it."""

from collections.abc import Mapping

from harness.plan import Action, Plan, ResourceChange

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
