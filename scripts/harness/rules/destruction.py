"""Rules over what a plan would do: destroy, keep a dying key, fail its own checks, make what nothing here knows."""

import shlex
from collections.abc import Iterator
from difflib import get_close_matches

from harness.base.findings import Severity
from harness.plan import Action, CheckStatus, ResourceChange
from harness.plan.resource_types import LOST, REPLACED, TYPES, unknown_types
from harness.rules.rule import Context, Violation, is_written

PROTECTED = (
    "aws_api_gateway_api_key",
    "aws_api_gateway_rest_api",
    "aws_api_gateway_stage",
    "aws_api_gateway_usage_plan",
    "aws_cloudwatch_log_group",
    "aws_dynamodb_table",
    "aws_kms_key",
)
_INSTEAD = {
    "aws_dynamodb_table": "add a table of another name in lambda/<service>/service.yaml, apply, move the items to it, "
    "then take the old one out; where the items may go, rename it and apply, then rename it back",
}


def destruction_gate(context: Context) -> Iterator[Violation]:
    """Data, logs, the key that opens them, and what clients depend on (address, key, quota) cannot be had back, nor,
    for all that is known, a type that is not in the registry: in a guarded environment each is destroyed or replaced
    only when its very address was acknowledged."""
    yield from _idle(context)
    if not context.environment.guarded:
        return
    managed = (change for change in context.plan.resources.values() if change.mode == "managed")
    for change in (*managed, *context.plan.deposed):
        if not change.action.destroys or (change.type in TYPES and change.type not in PROTECTED):
            continue
        if change.address not in context.acknowledged:
            does = "destroyed" if change.action is Action.DELETE else "replaced"
            lost = f", and {LOST[change.type]}" if change.type in LOST else ""
            agree = f"if that is meant, plan again with ALLOW_DESTROY={shlex.quote(change.address)}"
            yield Violation(change.address, f"would be {does}{lost}; {agree}")


def _idle(context: Context) -> Iterator[Violation]:
    """Say which acknowledged addresses stand nowhere in the plan: a shell takes quotes away that nobody quoted."""
    every = (*context.plan.resources.values(), *context.plan.deposed)
    known = {one.address for one in every}
    dying = [one.address for one in every if one.action.destroys]
    for address in sorted(context.acknowledged - known):
        near = get_close_matches(address, dying, 1) or get_close_matches(address, sorted(known), 1)
        hint = f"; the nearest is ALLOW_DESTROY={shlex.quote(near[0])}" if near else ""
        yield Violation("", f"ALLOW_DESTROY={shlex.quote(address)} is no address of this plan{hint}", Severity.NOTE)


def same_name(context: Context) -> Iterator[Violation]:
    """A replacement that is created first stands beside the old one for a while, and of most types AWS takes no second
    one of the same name: the apply would stop half way. What such a resource depends on is created first, too."""
    for change in context.plan.resources.values():
        known = TYPES.get(change.type)
        if change.action is not Action.REPLACE_CREATE_FIRST or known is None:
            continue
        if known.name and not known.twins and known.again != REPLACED:
            yield from _beside(change, known.name, context)


def _beside(change: ResourceChange, attribute: str, context: Context) -> Iterator[Violation]:
    before, after = change.find_before(attribute), change.find(attribute)
    if not isinstance(after, str) and not is_written(context.plan, change, attribute):
        return  # the provider makes up a new one
    if isinstance(before, str) and isinstance(after, str) and before != after:
        return
    called = f"the same name {after}" if isinstance(after, str) else "a name that is unknown until apply"
    lost = f"{LOST[change.type]} with the old one: " if change.type in LOST else ""
    instead = _INSTEAD.get(change.type, "give it another name in the same change")
    yield Violation(
        change.address,
        f"cannot be replaced: the new one is made beside the old one, which has {called}; {lost}{instead}",
    )


def dying_key(context: Context) -> Iterator[Violation]:
    """Taking the customer-managed key away from a table changes nothing in DynamoDB: the provider plans no change,
    the table stays encrypted with the old key, and once that is deleted every item is lost."""
    dying = {
        arn: key.address
        for key in context.plan.all_of_type("aws_kms_key")
        if key.action.destroys and isinstance(arn := key.find_before("arn"), str)
    }
    for table in context.plan.of_type("aws_dynamodb_table"):
        arn = table.find("server_side_encryption[0].kms_key_arn")
        if isinstance(arn, str) and arn in dying:
            yield Violation(
                table.address,
                f"stays encrypted with {dying[arn]}, which this plan destroys; copy the items to a new table first",
            )


def plan_checks(context: Context) -> Iterator[Violation]:
    """Terraform only warns when a check block fails, and puts off what it cannot plan yet: neither may pass unseen."""
    for check in context.plan.checks:
        if check.status in (CheckStatus.FAIL, CheckStatus.ERROR):
            said = "; ".join(check.problems) or "no message"
            yield Violation(check.address, f"{check.kind} {check.status}: {said}")
    if not context.plan.complete:
        yield Violation("", "the plan is not complete: Terraform put changes off to a later one")


def unknown_resource_types(context: Context) -> Iterator[Violation]:
    """A type that is not in the registry is looked at by no rule, price or recovery: that is said once, so that nobody
    takes silence for a promise, and blocks nothing."""
    found = unknown_types(
        change.type for change in context.plan.resources.values() if change.mode == "managed" and change.stays
    )
    if found:
        listed = ", ".join(found)
        yield Violation(
            "", f"no rule, price or recovery knows {listed}; to add one, see scripts/harness/plan/resource_types.py"
        )
