"""Probe of gap_create_api_key."""

from __future__ import annotations

import json

from tests.local.gaps.conftest import Answer, Emulator


def _create(emulator: Emulator, value: str) -> Answer:
    body = json.dumps({"name": "key", "value": value, "enabled": True}).encode()
    return emulator.signed("apigateway", "/apikeys", "POST", body)


def test_stock_still_refuses_an_empty_value(stock: Emulator) -> None:
    assert _create(stock, "").status == 400, "upstream generates API keys: delete gap_create_api_key"


def test_an_empty_value_is_generated_and_differs_each_time(filled: Emulator) -> None:
    values = [json.loads(_create(filled, "").body)["value"] for _ in range(2)]
    assert [len(value) for value in values] == [40, 40]
    assert values[0] != values[1]


def test_a_given_value_is_kept_and_a_short_one_refused(filled: Emulator) -> None:
    given = "0123456789-given-by-the-caller"
    assert json.loads(_create(filled, given).body)["value"] == given
    assert _create(filled, "short").status == 400
