"""Probe of gap_recovery_period."""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import pytest
from tests.local.gaps.conftest import Emulator

TABLE = "recovery-period"


def recovery(emulator: Emulator, **specification: Any) -> dict[str, Any]:
    """Make the table when it is missing, set its recovery, and answer what describing it says."""
    client = emulator.client("dynamodb")
    if TABLE not in client.list_tables()["TableNames"]:
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
    client.update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification=specification)
    described = client.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    found: dict[str, Any] = described["PointInTimeRecoveryDescription"]
    return found


def test_stock_still_forgets_the_days(stock: Emulator) -> None:
    found = recovery(stock, PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)
    assert "RecoveryPeriodInDays" not in found, "upstream keeps the days: delete gap_recovery_period"


@pytest.mark.parametrize(("given", "expected"), [({"RecoveryPeriodInDays": 7}, 7), ({}, 35)])
def test_the_days_are_kept(filled: Emulator, given: dict[str, int], expected: int) -> None:
    found = recovery(filled, PointInTimeRecoveryEnabled=True, **given)
    assert (found["PointInTimeRecoveryStatus"], found["RecoveryPeriodInDays"]) == ("ENABLED", expected)


def test_switched_off_there_are_none(filled: Emulator) -> None:
    found = recovery(filled, PointInTimeRecoveryEnabled=False)
    assert found["PointInTimeRecoveryStatus"] == "DISABLED"
    assert "RecoveryPeriodInDays" not in found


def test_another_number_is_refused(filled: Emulator) -> None:
    with pytest.raises(botocore.exceptions.ClientError, match="RecoveryPeriodInDays"):
        recovery(filled, PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=36)
