"""Leave out of drift what nobody changed: Terraform lists more than that."""

from collections.abc import Mapping
from dataclasses import replace

from harness.changes.edits import Edit
from harness.changes.types import Changed
from harness.plan import Plan, steps
from harness.plan.values import NOTHING

FOLLOWS: Mapping[tuple[str, str], str] = {
    ("aws_lambda_function", "last_modified"): "moves with every change, also one that was undone",
    ("aws_lambda_function", "qualified_arn"): "names the newest version",
    ("aws_lambda_function", "qualified_invoke_arn"): "names the newest version",
    ("aws_lambda_function", "source_code_size"): "code_sha256 says it",
    ("aws_lambda_function", "version"): "the newest version; what serves is the alias",
    ("aws_dynamodb_table", "read_capacity"): "auto scaling moves it",
    ("aws_dynamodb_table", "write_capacity"): "auto scaling moves it",
    ("aws_sns_topic_subscription", "confirmation_was_authenticated"): "whoever is subscribed confirms, not Terraform",
    ("aws_sns_topic_subscription", "pending_confirmation"): "preflight asks for it, and says who has not confirmed",
    ("aws_iam_role", "managed_policy_arns"): "policies attached by resources of their own",
}
"""(type, attribute) that says nothing by itself -> why."""
LEARNT: Mapping[str, str] = {
    "region": "provider 6 writes it, on most types, into what provider 5 had put into the state",
}
"""Attribute that says nothing where the state had no value -> why."""


def follows(kind: str, name: str, before: object) -> bool:
    """Tell whether a top-level attribute that reads back otherwise was changed by nobody."""
    return (kind, name) in FOLLOWS or (name in LEARNT and (before is None or before is NOTHING))


def drifted(change: Changed, plan: Plan) -> Changed:
    """Keep the edits of a drifted resource that somebody made: none of what was null and reads back as empty."""
    managed = {one.find("name") for one in plan.all_of_type("aws_iam_role_policy")}
    kept = (one for one in change.edits if not _follows(one, change.type) and not _managed(one, change, managed))
    return replace(change, edits=tuple(kept))


def _follows(edit: Edit, kind: str) -> bool:
    # An edit of the whole resource, as where all of it is sensitive, has no steps.
    first = [str(step) for step in steps(edit.path)[:1]]
    return any(follows(kind, name, edit.before) for name in first) or all(map(_empty, (edit.before, edit.after)))


def _managed(edit: Edit, change: Changed, names: set[object]) -> bool:
    """Tell whether an inline policy of a role is a resource of its own in the plan, which tells of it."""
    if change.type != "aws_iam_role" or not edit.path.startswith("inline_policy["):
        return False
    sides = [side for side in (edit.before, edit.after) if side is not NOTHING]
    return all(isinstance(side, dict) and side.get("name") in names for side in sides)


def _empty(value: object) -> bool:
    return value is None or value is NOTHING or (isinstance(value, str | list | dict) and not value)
