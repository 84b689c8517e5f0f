"""Rules over what a plan would do: destroy, keep a dying key, fail its own checks, make what nothing here knows."""

from collections.abc import Iterator

from harness.plan import CheckStatus
from harness.plan.resource_types import TYPES, unknown_types
from harness.rules.rule import Context, Violation

PROTECTED = (
    "aws_api_gateway_api_key",
    "aws_api_gateway_rest_api",
    "aws_api_gateway_stage",
    "aws_api_gateway_usage_plan",
    "aws_cloudwatch_log_group",
    "aws_dynamodb_table",
    "aws_kms_key",
)


def destruction_gate(context: Context) -> Iterator[Violation]:
    """Data, logs, the key that opens them, and what clients depend on (address, key, quota) cannot be had back, nor,
    for all that is known, a type that is not in the registry: in a guarded environment each is destroyed or replaced
    only when its very address was acknowledged."""
    if not context.environment.guarded:
        return
    managed = (change for change in context.plan.resources.values() if change.mode == "managed")
    for change in (*managed, *context.plan.deposed):
        if not change.action.destroys or (change.type in TYPES and change.type not in PROTECTED):
            continue
        if change.address not in context.acknowledged:
            why = f" ({change.reason.replace('_', ' ')})" if change.reason else ""
            yield Violation(
                change.address, f"{change.action}{why}; to do it all the same say ALLOW_DESTROY={change.address}"
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
