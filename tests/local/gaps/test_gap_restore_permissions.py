"""Probe of gap_restore_permissions."""

from __future__ import annotations

from tests.local.gaps.conftest import Emulator, allow, as_role, refused

_TARGET = "arn:aws:dynamodb:eu-west-1:000000000000:table/rewritten"
_ALL = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")


def _backup(emulator: Emulator) -> str:
    client = emulator.client("dynamodb")
    client.create_table(
        TableName="kept", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    return str(client.create_backup(TableName="kept", BackupName="kept")["BackupDetails"]["BackupArn"])


def test_stock_still_restores_without_more(stock: Emulator) -> None:
    client, backup = as_role(stock, "restores", allow("dynamodb:RestoreTableFromBackup"))("dynamodb"), _backup(stock)
    asked = refused(lambda: client.restore_table_from_backup(BackupArn=backup, TargetTableName="rewritten"))
    assert asked == "", "upstream asks for the table, too: delete gap_restore_permissions"


def test_the_table_that_is_made_is_read_and_written(filled: Emulator) -> None:
    backup, restore = _backup(filled), allow("dynamodb:RestoreTableFromBackup")
    for number, missing in enumerate(_ALL):
        actions = [f"dynamodb:{one}" for one in _ALL if one != missing]
        client = as_role(filled, f"restores-{number}", restore, allow(*actions, on=_TARGET, sid="Target"))("dynamodb")
        asked = refused(client.restore_table_from_backup, BackupArn=backup, TargetTableName="rewritten")
        assert asked == f"dynamodb:{missing}"
    everything = allow(*(f"dynamodb:{one}" for one in _ALL), on=_TARGET, sid="Target")
    client = as_role(filled, "restores", restore, everything)("dynamodb")
    assert refused(lambda: client.restore_table_from_backup(BackupArn=backup, TargetTableName="rewritten")) == ""
