"""Probe of gap_method_settings."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator, Stack, make_stack

ENCODED, PLAIN = "~1do~1{kind}/GET", "do/{kind}/GET"
_NEVER = "0.000001"  # a second: a bucket that is empty stays so


def _patch(stack: Stack, *operations: dict[str, str]) -> Any:
    gateway = stack.emulator.client("apigateway")
    return gateway.update_stage(restApiId=stack.api_id, stageName="v1", patchOperations=list(operations))


def limit(stack: Stack, setting: str, burst: int, rate: str = _NEVER) -> Any:
    """Let so many requests through at once, and by default no more."""
    values = {"rateLimit": rate, "burstLimit": str(burst)}
    operations = (
        {"op": "replace", "path": f"/{setting}/throttling/{name}", "value": value} for name, value in values.items()
    )
    return _patch(stack, *operations)["methodSettings"]


def remove(stack: Stack, setting: str) -> None:
    _patch(stack, {"op": "remove", "path": f"/{setting}"})


def passing(stack: Stack, requests: int = 4) -> int:
    return sum(stack.get().status == 200 for _ in range(requests))


@pytest.fixture
def stack(filled: Emulator, request: pytest.FixtureRequest) -> Stack:
    return make_stack(filled, request.node.name[:60])


def test_stock_still_calls_settings_otherwise_and_removes_what_is_not_there(stock: Emulator) -> None:
    stack = make_stack(stock, "settings")
    reason = "upstream does as AWS: thin gap_method_settings out"
    assert ENCODED not in limit(stack, ENCODED, 1), reason
    assert passing(make_limited(stock, PLAIN)) == 1, reason
    remove(stack, "~1nowhere/GET")


def make_limited(emulator: Emulator, setting: str) -> Stack:
    stack = make_stack(emulator, "limited")
    limit(stack, "*/*", 3)
    limit(stack, setting, 1)
    return stack


def test_a_setting_is_told_as_it_was_sent(stack: Stack) -> None:
    assert limit(stack, ENCODED, 1)[ENCODED]["throttlingBurstLimit"] == 1


def test_a_methods_own_setting_counts_for_it_and_once_removed_that_of_all(stack: Stack) -> None:
    limit(stack, "*/*", 9, rate="1000000")
    limit(stack, ENCODED, 1)
    assert passing(stack) == 1
    remove(stack, ENCODED)
    assert passing(stack) == 4


def test_a_name_that_is_not_encoded_does_nothing(filled: Emulator) -> None:
    assert passing(make_limited(filled, PLAIN)) == 3


def test_the_setting_of_all_gives_each_method_a_bucket_of_its_own(stack: Stack) -> None:
    gateway = stack.emulator.client("apigateway")
    resources = gateway.get_resources(restApiId=stack.api_id)["items"]
    resource = next(one["id"] for one in resources if one["path"] == "/do/{kind}")
    where = {"restApiId": stack.api_id, "resourceId": resource, "httpMethod": "OPTIONS"}
    gateway.put_method(**where, authorizationType="NONE")
    gateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 204}'})
    gateway.put_method_response(**where, statusCode="204")
    gateway.put_integration_response(**where, statusCode="204")
    stack.deploy()
    limit(stack, "*/*", 2)
    url = f"/restapis/{stack.api_id}/v1/_user_request_/do/ok"
    asked = [stack.emulator.http(url, method="OPTIONS").status for _ in range(4)]
    assert (passing(stack), asked) == (2, [204, 204, 429, 429])


def test_what_is_not_there_cannot_be_removed(stack: Stack) -> None:
    with pytest.raises(ClientError, match="because there is no method setting for this method"):
        remove(stack, ENCODED)
