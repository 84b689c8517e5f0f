"""Probe of gap_index_caps."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator

_BEFORE = {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 10}
_AFTER = {"MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 30}


def _changed(emulator: Emulator) -> Any:
    """Make a table with an index, change the index's caps, return those that are shown."""
    client = emulator.client("dynamodb")
    keys = [{"AttributeName": "id", "KeyType": "HASH"}]
    index = {"IndexName": "again", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}
    client.create_table(
        TableName="index-capped",
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[{**index, "OnDemandThroughput": _BEFORE}],
    )
    change = {"Update": {"IndexName": "again", "OnDemandThroughput": _AFTER}}
    client.update_table(TableName="index-capped", GlobalSecondaryIndexUpdates=[change])
    [shown] = client.describe_table(TableName="index-capped")["Table"]["GlobalSecondaryIndexes"]
    return shown["OnDemandThroughput"]


def test_stock_still_keeps_the_caps_of_creation(stock: Emulator) -> None:
    assert _changed(stock) == _BEFORE, "upstream changes them: delete gap_index_caps"


def test_the_caps_of_an_index_change(filled: Emulator) -> None:
    assert _changed(filled) == _AFTER
