"""Probe of gap_resource_tags."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator, allow, as_role, refused

_OURS = {"aws:ResourceTag/Project": "ours"}
_PLACE = "eu-west-1:000000000000"


def _apis(emulator: Emulator) -> tuple[str, str]:
    gateway = emulator.client("apigateway")
    made = [gateway.create_rest_api(name=name, tags={"Project": name})["id"] for name in ("ours", "theirs")]
    return str(made[0]), str(made[1])


def _role(emulator: Emulator) -> Any:
    return as_role(emulator, "by-tag", allow("apigateway:GET", "cloudwatch:*", StringEquals=_OURS))


def test_stock_still_knows_no_tag_of_an_api(stock: Emulator) -> None:
    ours, _ = _apis(stock)
    client = _role(stock)("apigateway")
    asked = refused(lambda: client.get_rest_api(restApiId=ours))
    assert asked == "apigateway:GET", "upstream knows the tags: delete gap_resource_tags"


def test_an_api_and_what_is_below_it_are_known_by_its_tags(filled: Emulator) -> None:
    ours, theirs = _apis(filled)
    client = _role(filled)("apigateway")
    assert [refused(client.get_rest_api, restApiId=one) for one in (ours, theirs)] == [
        "",
        "apigateway:GET",
    ]
    asked = [refused(client.get_resources, restApiId=one) for one in (ours, theirs)]
    assert asked == ["", "apigateway:GET"]


def test_a_stages_own_tags_come_first(filled: Emulator) -> None:
    gateway = filled.client("apigateway")
    ours, _ = _apis(filled)
    deployment = gateway.create_deployment(restApiId=ours)["id"]
    for name in ("inherits", "differs"):
        tags = {"tags": {"Project": "theirs"}} if name == "differs" else {}
        gateway.create_stage(restApiId=ours, stageName=name, deploymentId=deployment, **tags)
    client = as_role(filled, "by-stage-tag", allow("apigateway:GET", StringEquals=_OURS))("apigateway")
    asked = {name: refused(client.get_stage, restApiId=ours, stageName=name) for name in ("inherits", "differs")}
    assert asked == {"inherits": "", "differs": "apigateway:GET"}


def test_an_api_key_and_a_usage_plan_are_known_by_theirs(filled: Emulator) -> None:
    gateway = filled.client("apigateway")
    client = as_role(filled, "by-key-tag", allow("apigateway:GET", StringEquals=_OURS))("apigateway")
    keys = [gateway.create_api_key(name=one, tags={"Project": one})["id"] for one in ("ours", "theirs")]
    plans = [gateway.create_usage_plan(name=one, tags={"Project": one})["id"] for one in ("ours", "theirs")]
    assert [refused(client.get_api_key, apiKey=one) for one in keys] == ["", "apigateway:GET"]
    assert [refused(client.get_usage_plan_keys, usagePlanId=one) for one in plans] == [
        "",
        "apigateway:GET",
    ]


def test_an_alarm_is_known_by_its_tags(filled: Emulator) -> None:
    for name in ("ours", "theirs"):
        filled.client("cloudwatch").put_metric_alarm(
            AlarmName=name, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m",
            Namespace="n", Period=60, Statistic="Sum", Threshold=1, Tags=[{"Key": "Project", "Value": name}],
        )  # fmt: skip
    client = as_role(filled, "by-alarm-tag", allow("cloudwatch:*", StringEquals=_OURS))("cloudwatch")
    arns = [f"arn:aws:cloudwatch:{_PLACE}:alarm:{name}" for name in ("ours", "theirs")]
    asked = [refused(client.list_tags_for_resource, ResourceARN=arn) for arn in arns]
    assert asked == ["", "cloudwatch:ListTagsForResource"]


def test_tags_are_changed_by_the_tags_that_are_there(filled: Emulator) -> None:
    ours, theirs = _apis(filled)
    client = as_role(filled, "tags-by-tag", allow("apigateway:PUT", StringEquals=_OURS))("apigateway")
    arns = [f"arn:aws:apigateway:eu-west-1::/restapis/{one}" for one in (ours, theirs)]
    assert [refused(client.tag_resource, resourceArn=arn, tags={"A": "1"}) for arn in arns] == ["", "apigateway:PUT"]
