"""Each resource type of the modules and what is done about it when an apply was killed.

Each type is in one of two groups, and one that is in neither is said to be unknown (a root may hold any):

- ``ADOPTED``: creating it again fails on the name or makes a twin, so what exists is imported. All of these take their
  tags in the very call that creates them, or live inside something that does; none is without its marks for a moment.
- ``WRITTEN_AGAIN``: importing gains nothing, for the reason that the registry of types gives.
"""

from collections.abc import Mapping

from harness.operate.adopt import gateway, services
from harness.operate.adopt.search import Finder, was_new
from harness.plan import Plan
from harness.plan.resource_types import TYPES

# Parents before children: what is found is known to those after it.
ADOPTED: Mapping[str, Finder] = {
    "aws_kms_key": services.key,
    "aws_kms_alias": services.key_alias,
    "aws_dynamodb_table": services.table,
    "aws_sns_topic": services.topic,
    "aws_iam_role": services.role,
    "aws_lambda_function": services.function,
    "aws_lambda_alias": services.function_alias,
    "aws_lambda_permission": services.permission,
    "aws_lambda_event_source_mapping": services.event_source,
    "aws_api_gateway_rest_api": gateway.rest_api,
    "aws_cloudwatch_log_group": services.log_group,
    "aws_api_gateway_request_validator": gateway.request_validator,
    "aws_api_gateway_resource": gateway.resource,
    "aws_api_gateway_method": gateway.method,
    "aws_api_gateway_method_response": gateway.method_response,
    "aws_api_gateway_stage": gateway.stage,
    "aws_api_gateway_usage_plan": gateway.usage_plan,
    "aws_api_gateway_api_key": gateway.api_key,
    "aws_api_gateway_usage_plan_key": gateway.usage_plan_key,
}

WRITTEN_AGAIN: Mapping[str, str] = {kind: facts.again for kind, facts in TYPES.items() if facts.again}


def unknown_types(plan: Plan) -> tuple[str, ...]:
    """List types of what ``plan`` was to create that nothing is known about: such a thing is not looked for."""
    new = {change.type for change in plan.resources.values() if was_new(change)}
    return tuple(sorted(new - ADOPTED.keys() - WRITTEN_AGAIN.keys()))
