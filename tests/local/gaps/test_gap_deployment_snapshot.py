"""Probe of gap_deployment_snapshot."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator, Stack, make_stack


def _without_method(emulator: Emulator, name: str) -> Stack:
    """A stack whose only method was removed after it was deployed."""
    stack = make_stack(emulator, name)
    gateway = emulator.client("apigateway")
    [resource] = [item for item in gateway.get_resources(restApiId=stack.api_id)["items"] if "{" in item["path"]]
    gateway.delete_method(restApiId=stack.api_id, resourceId=resource["id"], httpMethod="GET")
    return stack


def test_stock_still_serves_what_was_not_deployed(stock: Emulator) -> None:
    stack = _without_method(stock, "snapshot")
    assert stack.get().status == 403, "upstream serves deployments: delete gap_deployment_snapshot"


def test_a_change_is_served_once_deployed_and_can_be_rolled_back(filled: Emulator) -> None:
    stack = _without_method(filled, "snapshot")
    gateway = filled.client("apigateway")
    first = gateway.get_stage(restApiId=stack.api_id, stageName="v1")["deploymentId"]
    assert stack.get().status == 200
    stack.deploy()
    assert stack.get().status == 403
    back = [{"op": "replace", "path": "/deploymentId", "value": first}]
    gateway.update_stage(restApiId=stack.api_id, stageName="v1", patchOperations=back)
    assert stack.get().status == 200


def test_the_deployment_a_stage_serves_cannot_be_deleted(filled: Emulator) -> None:
    stack = make_stack(filled, "in-use")
    gateway = filled.client("apigateway")
    old = gateway.get_stage(restApiId=stack.api_id, stageName="v1")["deploymentId"]
    with pytest.raises(ClientError, match="Active stages"):
        gateway.delete_deployment(restApiId=stack.api_id, deploymentId=old)
    stack.deploy()
    gateway.delete_deployment(restApiId=stack.api_id, deploymentId=old)
    assert stack.get().status == 200
