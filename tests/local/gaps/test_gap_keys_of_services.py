"""Probe of gap_keys_of_services."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator, allow, as_role, make_function, refused

_LAMBDA = ("kms:CreateGrant", "kms:Encrypt")
_DYNAMODB = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)


def _key(emulator: Emulator) -> str:
    return str(emulator.client("kms").create_key()["KeyMetadata"]["Arn"])


def _through(service: str, key: str, *actions: str) -> dict[str, Any]:
    via = {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"}
    return allow(*actions, on=key, sid="Key", StringEquals=via)


def _table(client: Any, name: str, key: str) -> Any:
    return client.create_table(
        TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )  # fmt: skip


def test_stock_still_encrypts_with_anybodys_key(stock: Emulator) -> None:
    client = as_role(stock, "tables", allow("dynamodb:*"))("dynamodb")
    assert refused(lambda: _table(client, "sealed", _key(stock))) == "", "upstream asks: delete gap_keys_of_services"


def test_a_tables_key_is_used_for_who_makes_it(filled: Emulator) -> None:
    key = _key(filled)
    without = as_role(filled, "no-key", allow("dynamodb:*"))("dynamodb")
    assert refused(lambda: _table(without, "sealed", key)) == "kms:CreateGrant"
    direct = as_role(filled, "other-way", allow("dynamodb:*"), _through("lambda", key, *_DYNAMODB))("dynamodb")
    assert refused(lambda: _table(direct, "sealed", key)) == "kms:CreateGrant"
    client = as_role(filled, "with-key", allow("dynamodb:*"), _through("dynamodb", key, *_DYNAMODB))("dynamodb")
    assert refused(lambda: _table(client, "sealed", key)) == ""
    backup = client.create_backup(TableName="sealed", BackupName="kept")["BackupDetails"]["BackupArn"]
    assert refused(lambda: without.restore_table_from_backup(BackupArn=backup, TargetTableName="opened")).startswith(
        "kms:"
    )
    assert refused(lambda: client.restore_table_from_backup(BackupArn=backup, TargetTableName="opened")) == ""


def test_a_functions_key_is_used_for_who_sets_its_variables(filled: Emulator) -> None:
    make_function(filled, "sealing")
    key = _key(filled)
    change = {"FunctionName": "sealing", "Environment": {"Variables": {"A": "1"}}, "KMSKeyArn": key}
    without = as_role(filled, "no-function-key", allow("lambda:*"))("lambda")
    assert refused(lambda: without.update_function_configuration(**change)) == "kms:CreateGrant"
    client = as_role(filled, "function-key", allow("lambda:*"), _through("lambda", key, *_LAMBDA))("lambda")
    assert refused(lambda: client.update_function_configuration(**change)) == ""
    again = {"FunctionName": "sealing", "Environment": {"Variables": {"A": "2"}}}
    assert refused(lambda: without.update_function_configuration(**again)) == "kms:CreateGrant"
    assert refused(lambda: without.update_function_configuration(FunctionName="sealing", Timeout=4)) == ""
