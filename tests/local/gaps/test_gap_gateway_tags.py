"""Probe of gap_gateway_tags."""

from __future__ import annotations

from typing import Any

import pytest
from tests.local.gaps.conftest import Emulator

_ARN = "arn:aws:apigateway:eu-west-1::"


def _api(emulator: Emulator) -> Any:
    return emulator.client("apigateway").create_rest_api(name="tagged", tags={"A": "1", "B": "1"})["id"]


def test_stock_still_shows_the_tags_of_creation(stock: Emulator) -> None:
    gateway, api = stock.client("apigateway"), _api(stock)
    gateway.tag_resource(resourceArn=f"{_ARN}/restapis/{api}", tags={"A": "2"})
    tags = gateway.get_rest_api(restApiId=api)["tags"]
    assert tags == {"A": "1", "B": "1"}, "upstream shows what was changed: delete gap_gateway_tags"


@pytest.mark.parametrize("kind", ["apikeys", "restapis", "stages", "usageplans"])
def test_changed_tags_are_shown(filled: Emulator, kind: str) -> None:
    gateway, tags = filled.client("apigateway"), {"A": "1", "B": "1"}
    if kind == "apikeys":
        path = f"/apikeys/{gateway.create_api_key(name='tagged', tags=tags)['id']}"
        read: Any = lambda: gateway.get_api_key(apiKey=path.rpartition("/")[2])  # noqa: E731
    elif kind == "usageplans":
        path = f"/usageplans/{gateway.create_usage_plan(name='tagged', tags=tags)['id']}"
        read = lambda: gateway.get_usage_plan(usagePlanId=path.rpartition("/")[2])  # noqa: E731
    else:
        api = _api(filled)
        path, read = f"/restapis/{api}", lambda: gateway.get_rest_api(restApiId=api)
        if kind == "stages":
            deployment = gateway.create_deployment(restApiId=api)["id"]
            gateway.create_stage(restApiId=api, stageName="v1", deploymentId=deployment, tags=tags)
            path, read = f"{path}/stages/v1", lambda: gateway.get_stage(restApiId=api, stageName="v1")
    gateway.tag_resource(resourceArn=_ARN + path, tags={"A": "2", "C": "3"})
    assert read()["tags"] == {"A": "2", "B": "1", "C": "3"}
    gateway.untag_resource(resourceArn=_ARN + path, tagKeys=["B"])
    assert read()["tags"] == {"A": "2", "C": "3"}
