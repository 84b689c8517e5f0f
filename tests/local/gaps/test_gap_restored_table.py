"""Probe of gap_restored_table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator

_NAME = "restored-table"


def _backed_up(emulator: Emulator) -> tuple[Any, str]:
    dynamodb = emulator.client("dynamodb")
    dynamodb.create_table(
        TableName=_NAME,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=_NAME, Item={"id": {"S": "a"}})
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=_NAME, PointInTimeRecoverySpecification=recovery)
    return dynamodb, dynamodb.create_backup(TableName=_NAME, BackupName="made")["BackupDetails"]["BackupArn"]


def test_stock_still_has_the_table_at_once_and_forgets_where_it_came_from(stock: Emulator) -> None:
    dynamodb, backup = _backed_up(stock)
    begun = dynamodb.restore_table_from_backup(TargetTableName="copy", BackupArn=backup)["TableDescription"]
    assert begun["TableStatus"] == "ACTIVE", "upstream takes its time: delete gap_restored_table"
    assert "RestoreSummary" not in dynamodb.describe_table(TableName="copy")["Table"]
    dynamodb.delete_table(TableName="copy")


def test_a_table_that_is_being_restored_is_neither_read_nor_deleted(filled: Emulator) -> None:
    dynamodb, backup = _backed_up(filled)
    begun = dynamodb.restore_table_from_backup(TargetTableName="copy", BackupArn=backup)["TableDescription"]
    assert begun["TableStatus"] == "CREATING"
    with pytest.raises(ClientError, match="ResourceInUseException"):
        dynamodb.delete_table(TableName="copy")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        dynamodb.scan(TableName="copy")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        dynamodb.batch_get_item(RequestItems={"copy": {"Keys": [{"id": {"S": "a"}}]}})
    assert dynamodb.describe_table(TableName="copy")["Table"]["TableStatus"] == "CREATING"
    assert dynamodb.describe_table(TableName="copy")["Table"]["TableStatus"] == "ACTIVE"
    assert dynamodb.scan(TableName="copy")["Count"] == 1
    dynamodb.delete_table(TableName="copy")


def test_a_restored_table_says_what_it_is_a_copy_of(filled: Emulator) -> None:
    dynamodb = filled.client("dynamodb")
    arn = dynamodb.describe_table(TableName=_NAME)["Table"]["TableArn"]
    backup = dynamodb.list_backups(TableName=_NAME)["BackupSummaries"][0]
    moment = datetime.now(UTC).replace(microsecond=0)
    dynamodb.restore_table_from_backup(TargetTableName="of-backup", BackupArn=backup["BackupArn"])
    dynamodb.restore_table_to_point_in_time(SourceTableName=_NAME, TargetTableName="of-moment", RestoreDateTime=moment)
    found = {}
    for name in ("of-backup", "of-moment"):
        for _ in range(2):
            found[name] = dynamodb.describe_table(TableName=name)["Table"]["RestoreSummary"]
    assert (found["of-backup"]["SourceBackupArn"], found["of-backup"]["SourceTableArn"]) == (backup["BackupArn"], arn)
    made = backup["BackupCreationDateTime"].replace(microsecond=0)
    assert found["of-backup"]["RestoreDateTime"] == made
    assert not found["of-backup"]["RestoreInProgress"]
    assert found["of-moment"]["RestoreDateTime"] == moment
    assert found["of-moment"]["SourceTableArn"] == arn
    assert "SourceBackupArn" not in found["of-moment"]


def test_a_restore_that_is_refused_makes_no_table(filled: Emulator) -> None:
    dynamodb = filled.client("dynamodb")
    with pytest.raises(ClientError, match="BackupNotFoundException"):
        dynamodb.restore_table_from_backup(TargetTableName="nothing", BackupArn=f"arn:aws:dynamodb:{'x' * 40}")
    with pytest.raises(ClientError, match="TableNotFoundException"):
        dynamodb.restore_table_to_point_in_time(
            SourceTableName="nothing", TargetTableName="other", UseLatestRestorableTime=True
        )
    assert "nothing" not in dynamodb.list_tables()["TableNames"]
