"""Probe of gap_mock_method."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator


def _integration(emulator: Emulator, **given: str) -> dict[str, Any]:
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name="mock")["id"]
    [root] = gateway.get_resources(restApiId=api)["items"]
    place = {"restApiId": api, "resourceId": root["id"], "httpMethod": "OPTIONS"}
    gateway.put_method(**place, authorizationType="NONE")
    made = gateway.put_integration(**place, **given)
    found = gateway.get_integration(**place)
    assert made.get("httpMethod") == found.get("httpMethod")
    return dict(found)


def test_stock_still_tells_a_method_that_was_not_given(stock: Emulator) -> None:
    assert _integration(stock, type="MOCK")["httpMethod"] == "POST", "upstream leaves it out: delete gap_mock_method"


def test_a_mock_has_no_method_unless_it_was_given_one(filled: Emulator) -> None:
    assert "httpMethod" not in _integration(filled, type="MOCK")
    assert _integration(filled, type="MOCK", integrationHttpMethod="GET")["httpMethod"] == "GET"
