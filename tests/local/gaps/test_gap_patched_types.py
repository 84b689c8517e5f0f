"""Probe of gap_patched_types."""

from __future__ import annotations

import json
from typing import Any

from tests.local.gaps.conftest import Emulator

PARAMETER = "method.request.querystring.limit"


def _patched(emulator: Emulator) -> tuple[dict[str, Any], dict[str, Any]]:
    """Change a method and its integration as Terraform does; return both as they are read afterwards."""
    client = emulator.client("apigateway")
    api = client.create_rest_api(name="patched")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    at = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    client.put_method(**at, authorizationType="NONE")
    client.put_integration(**at, type="MOCK")
    operations = [
        {"op": "add", "path": f"/requestParameters/{PARAMETER}", "value": "false"},
        {"op": "replace", "path": "/apiKeyRequired", "value": "true"},
        {"op": "replace", "path": "/operationName", "value": "true"},
    ]
    client.update_method(**at, patchOperations=operations)
    client.update_integration(**at, patchOperations=[{"op": "replace", "path": "/timeoutInMillis", "value": "5000"}])
    # Not by the SDK, which takes the text "false" for a boolean.
    answer = emulator.signed("apigateway", f"/restapis/{api}/resources/{root}/methods/GET")
    method = json.loads(answer.body)
    return method, method["methodIntegration"]


def test_stock_still_keeps_text(stock: Emulator) -> None:
    method, _ = _patched(stock)
    assert method["requestParameters"] == {PARAMETER: "false"}, "upstream types patches: delete gap_patched_types"


def test_what_is_changed_keeps_its_type(filled: Emulator) -> None:
    method, integration = _patched(filled)
    assert method["requestParameters"] == {PARAMETER: False}
    assert method["apiKeyRequired"] is True
    assert method["operationName"] == "true"
    assert integration["timeoutInMillis"] == 5000


def test_a_plan_and_a_key_keep_theirs(filled: Emulator) -> None:
    client = filled.client("apigateway")
    plan = client.create_usage_plan(name="patched", throttle={"rateLimit": 1.0, "burstLimit": 2})["id"]
    key = client.create_api_key(name="patched", value="0123456789-given-by-the-caller", enabled=True)["id"]
    operations = [
        {"op": "replace", "path": "/throttle/rateLimit", "value": "2.5"},
        {"op": "replace", "path": "/throttle/burstLimit", "value": "5"},
    ]
    changed = client.update_usage_plan(usagePlanId=plan, patchOperations=operations)
    assert changed["throttle"] == {"rateLimit": 2.5, "burstLimit": 5}
    operations = [{"op": "replace", "path": "/enabled", "value": "false"}]
    assert client.update_api_key(apiKey=key, patchOperations=operations)["enabled"] is False
