"""Probe of gap_tags_at_creation."""

from __future__ import annotations

from typing import Any

import pytest
from tests.local.gaps.conftest import Emulator, allow, as_role, refused

_OURS = {"Project": "ours"}
_LISTED = [{"Key": "Project", "Value": "ours"}]
_GATEWAY = "arn:aws:apigateway:eu-west-1::"
# Service, method, arguments, the action that creates, the one that tags.
_CREATIONS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("apigateway", "create_rest_api", {"name": "made", "tags": _OURS}, "apigateway:POST", "apigateway:PUT"),
    ("sns", "create_topic", {"Name": "made", "Tags": _LISTED}, "sns:CreateTopic", "sns:TagResource"),
    ("logs", "create_log_group", {"logGroupName": "/made", "tags": _OURS}, "logs:CreateLogGroup", "logs:TagResource"),
    ("kms", "create_key", {"Tags": [{"TagKey": "Project", "TagValue": "ours"}]}, "kms:CreateKey", "kms:TagResource"),
    (
        "iam", "create_role", {"RoleName": "made", "AssumeRolePolicyDocument": '{"Statement": []}', "Tags": _LISTED},
        "iam:CreateRole", "iam:TagRole",
    ),
    (
        "dynamodb", "create_table",
        {
            "TableName": "made", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST", "Tags": _LISTED,
        },
        "dynamodb:CreateTable", "dynamodb:TagResource",
    ),
    (
        "cloudwatch", "put_metric_alarm",
        {
            "AlarmName": "made", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1,
            "MetricName": "m", "Namespace": "n", "Period": 60, "Statistic": "Sum", "Threshold": 1, "Tags": _LISTED,
        },
        "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource",
    ),
]  # fmt: skip


def test_stock_still_tags_without_permission(stock: Emulator) -> None:
    client = as_role(stock, "creates", allow("sns:CreateTopic"))("sns")
    client.create_topic(Name="made", Tags=_LISTED)  # upstream refuses: delete that part of gap_tags_at_creation


@pytest.mark.parametrize(
    ("service", "method", "arguments", "create", "tag"), _CREATIONS, ids=[service for service, *_ in _CREATIONS]
)
def test_tags_at_creation_need_their_own_permission(
    filled: Emulator, service: str, method: str, arguments: dict[str, Any], create: str, tag: str
) -> None:
    creates = as_role(filled, f"creates-{service}", allow(create))(service)
    plain = {name: value for name, value in arguments.items() if name not in ("Tags", "tags")}
    assert refused(lambda: getattr(creates, method)(**arguments)).lower() == tag.lower()
    on_request = allow(create, tag, StringEquals={"aws:RequestTag/Project": "ours"})
    # Whoever makes a key has to be able to change its policy.
    both = as_role(filled, f"tags-{service}", on_request, allow("kms:PutKeyPolicy", sid="Also"))(service)
    assert refused(lambda: getattr(both, method)(**plain)).lower() == create.lower()
    assert refused(lambda: getattr(both, method)(**arguments)) == ""


def test_the_tags_of_an_api_without_id_are_asked_for(filled: Emulator) -> None:
    tags = f"{_GATEWAY}/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2F*"
    statements = (allow("apigateway:POST"), allow("apigateway:PUT", on=tags, sid="Tags"))
    client = as_role(filled, "tags-apis", *statements)("apigateway")
    assert refused(lambda: client.create_rest_api(name="made", tags=_OURS)) == ""
    assert refused(lambda: client.create_usage_plan(name="made", tags=_OURS)) == "apigateway:PUT"
