"""A stage that serves something else than the contract is noticed, in each way it can."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from harness.operate.recovery.served import differences

_INTEGRATION = {"x-amazon-apigateway-integration": {"type": "aws_proxy"}}
CONTRACT = {
    "security": [{"api_key": []}],
    "paths": {"/items": {"get": {}, "post": {}}, "/health": {"get": {"security": []}}},
}
SERVED: dict[str, Any] = {
    "paths": {
        "/items": {
            "get": {**_INTEGRATION, "security": [{"api_key": []}]},
            "post": {**_INTEGRATION, "security": [{"api_key": []}]},
        },
        "/health": {"get": {**_INTEGRATION}},
    }
}


def test_a_stage_as_the_contract_says() -> None:
    assert differences(SERVED, [CONTRACT], key_required=True) == ()


def test_without_a_usage_plan_no_operation_asks_for_a_key() -> None:
    assert len(differences(SERVED, [CONTRACT], key_required=False)) == 2


@pytest.mark.parametrize(
    ("path", "verb", "change", "told"),
    [
        ("/items", "post", None, "POST /items is in the contract, the stage does not serve it"),
        ("/items", "put", {**_INTEGRATION}, "PUT /items is served, the contract does not have it"),
        ("/health", "get", {}, "GET /health is served by nothing: it has no integration"),
        ("/items", "get", {**_INTEGRATION}, "GET /items should ask for a key"),
        ("/health", "get", {**_INTEGRATION, "security": [{"api_key": []}]}, "GET /health should not ask for a key"),
    ],
)
def test_every_difference_is_told(path: str, verb: str, change: dict[str, Any] | None, told: str) -> None:
    served = copy.deepcopy(SERVED)
    if change is None:
        del served["paths"][path][verb]
    else:
        served["paths"][path][verb] = change
    assert differences(served, [CONTRACT], key_required=True) == (told,)


def test_a_stage_serves_the_contracts_of_all_services() -> None:
    orders: dict[str, Any] = {"paths": {"/orders": {"get": {}}}}  # asks for no key: it has no security
    served = copy.deepcopy(SERVED)
    assert differences(served, [CONTRACT, orders], key_required=True) == (
        "GET /orders is in the contract, the stage does not serve it",
    )
    served["paths"]["/orders"] = {"get": {**_INTEGRATION}}
    assert differences(served, [CONTRACT, orders], key_required=True) == ()
    assert len(differences(served, [orders], key_required=True)) == 3
