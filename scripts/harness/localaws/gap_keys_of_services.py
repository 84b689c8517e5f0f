"""Gap: a service uses a customer's key for whoever asks.

Upstream: encrypting a function's variables or a table with a key needs no permission for that key.

AWS: "Securing Lambda environment variables", AWS Lambda Developer Guide: "kms:CreateGrant, kms:Encrypt - To configure a
customer managed key on a function". "DynamoDB encryption at rest: Usage notes", Amazon DynamoDB Developer Guide: on
behalf of the principal that makes or restores the table, through DynamoDB (``kms:ViaService``): ``kms:Encrypt``,
``kms:Decrypt``, ``kms:ReEncrypt*``, ``kms:GenerateDataKey*``, ``kms:DescribeKey``, ``kms:CreateGrant``.

Fill: those are asked for, with ``kms:ViaService``; a grant is one for a service (``kms:GrantIsForAWSResource``).
"""

from collections.abc import Iterator
from typing import Any

from ministack.core.responses import get_region
from ministack.services import dynamodb, kms, lambda_svc

from harness.localaws.authorisation import Call, Check, asks_also

_OF_LAMBDA = ("kms:CreateGrant", "kms:Encrypt")
_OF_DYNAMODB = (
    "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
)  # fmt: skip


def through(service: str, action: str, key: str) -> Iterator[Check]:
    """List the one permission to use a key by way of a service; nothing where the key is not a customer's."""
    record = kms._resolve_key(key)
    if record is not None:
        context: dict[str, Any] = {"kms:ViaService": f"{service}.{get_region()}.amazonaws.com"}
        if action == "kms:CreateGrant":
            context["kms:GrantIsForAWSResource"] = "true"
        yield Check(action, str(record["Arn"]), context)


def _of_function(call: Call) -> str:
    """Return the key that the variables which a request sets are encrypted with; empty without one."""
    if call.action == "lambda:CreateFunction":
        return str(call.data.get("KMSKeyArn") or "")
    if call.action != "lambda:UpdateFunctionConfiguration" or not {"Environment", "KMSKeyArn"} & call.data.keys():
        return ""
    held = lambda_svc._functions.get(call.resource.rpartition(":")[2]) or {}
    return str(call.data.get("KMSKeyArn") or held.get("config", {}).get("KMSKeyArn") or "")


def _of_table(call: Call) -> str:
    """Return the key that a request encrypts a table with; empty without one."""
    action = call.action.partition(":")[2]
    if action in ("CreateTable", "UpdateTable"):
        return str((call.data.get("SSESpecification") or {}).get("KMSMasterKeyId") or "")
    if action not in ("RestoreTableFromBackup", "RestoreTableToPointInTime"):
        return ""
    if override := (call.data.get("SSESpecificationOverride") or {}).get("KMSMasterKeyId"):
        return str(override)
    backup = dynamodb._backups.get(call.data.get("BackupArn")) or {}
    name = call.data.get("SourceTableName") or backup.get("SourceTableDetails", {}).get("TableName")
    table = dynamodb._tables.get(name) or {}
    return str((table.get("SSEDescription") or {}).get("KMSMasterKeyArn") or "")


def install() -> None:
    """Let requests that encrypt with a customer's key need the permissions that the service uses."""

    @asks_also
    def _use_key(call: Call) -> Iterator[Check]:
        if call.service == "lambda" and (key := _of_function(call)):
            for action in _OF_LAMBDA:
                yield from through("lambda", action, key)
        if call.service == "dynamodb" and (key := _of_table(call)):
            for action in _OF_DYNAMODB:
                yield from through("dynamodb", action, key)
