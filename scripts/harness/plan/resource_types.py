"""Resource types that the harness knows, in one place.

A type that is not listed is said to be unknown, and blocks nothing. To make one known, add its line here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourceType:
    """Facts of a resource type.

    Attributes:
        name: attribute with a name that is unique in its account or region, and so ends in the suffix; empty: there is
            none, or it is unique in a parent alone.
        key: path of the attribute that names the key it is encrypted with; empty: it holds no data.
        prices: lines of prices.yaml that it is billed by; none: it costs nothing itself.
        generated: AWS makes up its identifier, and no name of ours tells it from others.
        twins: AWS takes a second one of the same name in one region.
        again: reason why it is simply created again after an apply was killed; empty: what exists is looked for and
            adopted (``operate/adopt/finders.py``).
    """

    name: str = ""
    key: str = ""
    prices: tuple[str, ...] = ()
    generated: bool = False
    twins: bool = False
    again: str = ""


_PART = ResourceType()  # named, if at all, only in what it is a part of
_NAMED = ResourceType(name="name")
_TWINS = ResourceType(name="name", twins=True)
REPLACED = "creating it is a Put (or Associate, Register): it replaces what is there under the same name"
"""Why nothing is looked for of what a Put makes."""
_PUT = ResourceType(again=REPLACED)

TYPES: Mapping[str, ResourceType] = {
    "aws_api_gateway_account": _PART,
    "aws_api_gateway_api_key": _TWINS,
    # Its triggers cannot be imported, so an adopted one would be replaced at once: a new one is made in any case, and
    # the one left over is deleted when no stage serves it any more (operate/adopt/lost.py).
    "aws_api_gateway_deployment": ResourceType(
        generated=True, again="an imported one lacks its triggers and would be replaced; see lost.py"
    ),
    "aws_api_gateway_gateway_response": _PUT,
    "aws_api_gateway_integration": _PUT,
    "aws_api_gateway_integration_response": _PUT,
    "aws_api_gateway_method": _PART,
    "aws_api_gateway_method_response": _PART,
    "aws_api_gateway_method_settings": ResourceType(again="it is a setting of the stage, patched in place"),
    "aws_api_gateway_request_validator": _PART,
    "aws_api_gateway_resource": _PART,
    "aws_api_gateway_rest_api": _TWINS,
    "aws_api_gateway_rest_api_policy": _PART,
    "aws_api_gateway_stage": ResourceType(prices=("api_request",)),
    "aws_api_gateway_usage_plan": _TWINS,
    "aws_api_gateway_usage_plan_key": _PART,
    "aws_appautoscaling_policy": _PUT,
    "aws_appautoscaling_target": _PUT,
    "aws_budgets_budget": _PART,  # two of them a day without actions are free
    "aws_cloudwatch_composite_alarm": ResourceType(name="alarm_name", prices=("composite_alarm",), again=REPLACED),
    "aws_cloudwatch_dashboard": ResourceType(name="dashboard_name", prices=("dashboard",), again=REPLACED),
    "aws_cloudwatch_log_group": ResourceType("name", "kms_key_id", ("log_ingestion", "log_storage")),
    "aws_cloudwatch_metric_alarm": ResourceType(name="alarm_name", prices=("alarm",), again=REPLACED),
    "aws_dynamodb_table": ResourceType(
        "name",
        "server_side_encryption[0].kms_key_arn",
        ("table_read", "table_write", "table_read_hour", "table_write_hour", "table_storage", "table_recovery"),
    ),
    "aws_iam_openid_connect_provider": _PART,
    "aws_iam_policy": _NAMED,
    "aws_iam_policy_attachment": _PART,
    "aws_iam_role": _NAMED,
    "aws_iam_role_policy": _PUT,
    "aws_iam_role_policy_attachment": _PART,
    "aws_kms_alias": _NAMED,
    "aws_kms_key": ResourceType(prices=("key", "key_request"), generated=True),
    "aws_kms_key_policy": _PART,
    "aws_lambda_alias": _PART,
    "aws_lambda_event_source_mapping": ResourceType(generated=True),
    "aws_lambda_function": ResourceType(
        "function_name", "kms_key_arn", ("lambda_request", "lambda_gb_second", "metric", "trace")
    ),
    "aws_lambda_permission": _PART,
    "aws_s3_bucket_policy": _PART,
    "aws_sns_topic": ResourceType("name", "kms_master_key_id"),  # a few alarms a month are within a cent
    "aws_sns_topic_policy": _PART,
    "aws_sns_topic_subscription": ResourceType(again="Subscribe answers with the subscription that the address has"),
    "aws_wafv2_web_acl_association": _PUT,  # the list costs, and belongs to somebody else
    "terraform_data": ResourceType(generated=True),
}
"""Facts by type, A to Z."""

_LOSSES: Mapping[str, tuple[str, ...]] = {
    "all that it encrypts is lost": ("aws_kms_key",),
    "its address is lost": ("aws_api_gateway_rest_api",),
    "its data is lost": ("aws_db_instance", "aws_rds_cluster"),
    "its files are lost": ("aws_efs_file_system",),
    "its images are lost": ("aws_ecr_repository",),
    "its items are lost": ("aws_dynamodb_table",),
    "its logs are lost": ("aws_cloudwatch_log_group",),
    "its messages are lost": ("aws_sqs_queue",),
    "its objects are lost": ("aws_s3_bucket",),
    "its place in a stream is lost": ("aws_lambda_event_source_mapping",),
    "its records are lost": ("aws_kinesis_stream",),
    "its users are lost": ("aws_cognito_user_pool",),
    "its value is lost": ("aws_api_gateway_api_key", "aws_secretsmanager_secret"),
}
LOST: Mapping[str, str] = {kind: told for told, kinds in _LOSSES.items() for kind in kinds}
"""Words on the loss when an object is destroyed, by type; also of types that :data:`TYPES` does not list."""


def unknown_types(types: Iterable[str]) -> tuple[str, ...]:
    """List those of ``types`` that nothing is known of, each once, A to Z."""
    return tuple(sorted(set(types) - TYPES.keys()))
