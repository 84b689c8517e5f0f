"""Probe of gap_point_in_time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator


def _table(emulator: Emulator, name: str, days: int | None = 20) -> Any:
    dynamodb = emulator.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    if days:
        recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days}
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return dynamodb


def _put(dynamodb: Any, table: str, key: str, value: str) -> None:
    dynamodb.put_item(TableName=table, Item={"id": {"S": key}, "value": {"S": value}})


def _items(dynamodb: Any, table: str) -> dict[str, str]:
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 0})
    return {item["id"]["S"]: item["value"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}


def _damaged(emulator: Emulator, name: str) -> tuple[Any, datetime]:
    """A table that was damaged in every way a write can, and the second before that."""
    dynamodb = _table(emulator, name)
    for key in ("kept", "changed", "removed", "updated"):
        _put(dynamodb, name, key, "good")
    time.sleep(1.1)  # RestoreDateTime has whole seconds
    before = datetime.now(UTC).replace(microsecond=0)
    _put(dynamodb, name, "changed", "bad")
    _put(dynamodb, name, "added", "bad")
    dynamodb.delete_item(TableName=name, Key={"id": {"S": "removed"}})
    dynamodb.update_item(
        TableName=name,
        Key={"id": {"S": "updated"}},
        UpdateExpression="SET #v = :v",
        ExpressionAttributeNames={"#v": "value"},
        ExpressionAttributeValues={":v": {"S": "bad"}},
    )
    return dynamodb, before


def test_stock_still_restores_the_present(stock: Emulator) -> None:
    dynamodb, before = _damaged(stock, "damaged")
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="damaged", TargetTableName="restored", RestoreDateTime=before
    )
    assert _items(dynamodb, "restored")["changed"] == "bad", "upstream goes back in time: delete gap_point_in_time"


def test_a_restore_brings_back_the_second_asked_for_or_the_latest(filled: Emulator) -> None:
    dynamodb, before = _damaged(filled, "damaged")
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="damaged", TargetTableName="restored", RestoreDateTime=before
    )
    good = dict.fromkeys(("kept", "changed", "removed", "updated"), "good")
    assert _items(dynamodb, "restored") == good
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="damaged", TargetTableName="latest", UseLatestRestorableTime=True
    )
    assert _items(dynamodb, "latest") == _items(dynamodb, "damaged")


def _described(dynamodb: Any, table: str, **specification: Any) -> dict[str, Any]:
    dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)
    described = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    found: dict[str, Any] = described["PointInTimeRecoveryDescription"]
    return found


def test_stock_still_forgets_the_recovery_period(stock: Emulator) -> None:
    dynamodb = _table(stock, "described", None)
    found = _described(dynamodb, "described", PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)
    assert "RecoveryPeriodInDays" not in found, "upstream keeps the days: gap_point_in_time need not"


def test_the_recovery_period_is_kept_while_recovery_is_on(filled: Emulator) -> None:
    dynamodb = _table(filled, "described", None)
    for given, expected in (({"RecoveryPeriodInDays": 7}, 7), ({}, 35)):
        found = _described(dynamodb, "described", PointInTimeRecoveryEnabled=True, **given)
        assert (found["PointInTimeRecoveryStatus"], found["RecoveryPeriodInDays"]) == ("ENABLED", expected)
        assert found["EarliestRestorableDateTime"] <= found["LatestRestorableDateTime"]
    assert _described(dynamodb, "described", PointInTimeRecoveryEnabled=False) == {
        "PointInTimeRecoveryStatus": "DISABLED"
    }
    with pytest.raises(ClientError, match="RecoveryPeriodInDays"):
        _described(dynamodb, "described", PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=36)


@pytest.mark.parametrize(
    ("days", "when", "code"),
    [
        (None, None, "PointInTimeRecoveryUnavailableException"),
        (1, datetime(2020, 1, 1, tzinfo=UTC), "InvalidRestoreTimeException"),
    ],
)
def test_a_restore_that_cannot_be_is_refused(
    filled: Emulator, days: int | None, when: datetime | None, code: str
) -> None:
    dynamodb = _table(filled, f"refused-{days}", days)
    at: dict[str, Any] = {"RestoreDateTime": when} if when else {"UseLatestRestorableTime": True}
    with pytest.raises(ClientError, match=code):
        dynamodb.restore_table_to_point_in_time(SourceTableName=f"refused-{days}", TargetTableName=f"copy-{days}", **at)
