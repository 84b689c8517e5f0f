"""Gap: a restored table is there at once, and does not say what it is.

Upstream: the restored table is ACTIVE in the answer to the restore; nothing tells where it came from, except, for ever
under way, in the answer to a restore from a backup, which names the new table as the source.

AWS: "Restore a table in DynamoDB", Amazon DynamoDB Developer Guide: the table is CREATING until the restore is done,
which takes minutes to hours. "DeleteTable", API Reference: a table that is CREATING is not deleted,
ResourceInUseException; items of it are not read either, ResourceNotFoundException. "RestoreSummary", API Reference:
``DescribeTable`` names the source table, the backup where there was one, and the moment or the time of the backup.

Fill: a restored table is CREATING until somebody looked at it once; its summary is AWS's.
"""

import json
import time
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import dynamodb

from harness.localaws.patching import wraps

_SUMMARY = "RestoreSummary"  # in the table's own record, so it is saved and deleted with it
_READS = ("_scan", "_query", "_get_item", "_batch_get_item")


def _being_made(name: Any) -> bool:
    table = dynamodb._tables.get(dynamodb._normalize_table_name(name)) or {}
    return bool((table.get(_SUMMARY) or {}).get("RestoreInProgress"))


def _begun(answer: Any, target: str, source_arn: str, moment: float, **more: str) -> Any:
    """Mark a table whose restore was accepted, and describe it in the answer."""
    if answer[0] != 200:
        return answer
    summary = {"SourceTableArn": source_arn, "RestoreDateTime": int(moment), "RestoreInProgress": True, **more}
    dynamodb._tables[target][_SUMMARY] = summary
    return dynamodb.json_response({"TableDescription": dynamodb._table_description(target)})


def _patch_restores() -> None:
    @wraps(dynamodb, "_restore_table_from_backup")
    def _restore_table_from_backup(restore: Any, data: Any) -> Any:
        backup = dynamodb._backups.get(data.get("BackupArn")) or {}
        answer = restore(data)
        if not backup:
            return answer
        source, made = backup["SourceTableDetails"]["TableArn"], backup["BackupDetails"]["BackupCreationDateTime"]
        return _begun(answer, data.get("TargetTableName"), source, made, SourceBackupArn=data["BackupArn"])

    @wraps(dynamodb, "_restore_table_to_point_in_time")
    def _restore_table_to_point_in_time(restore: Any, data: Any) -> Any:
        name = data.get("SourceTableName") or dynamodb._normalize_table_name(data.get("SourceTableArn") or "")
        answer = restore(data)
        source = (dynamodb._tables.get(name) or {}).get("TableArn", "")
        return _begun(answer, data.get("TargetTableName"), source, data.get("RestoreDateTime") or time.time())


def _patch_reads(name: str) -> None:
    @wraps(dynamodb, name)
    def _read(read: Any, data: Any) -> Any:
        if any(map(_being_made, data.get("RequestItems") or [data.get("TableName")])):
            return error_response_json("ResourceNotFoundException", "Requested resource not found", 400)
        return read(data)


def _patch_table() -> None:
    @wraps(dynamodb, "_table_description")
    def _table_description(describe: Any, name: Any) -> Any:
        described = describe(name)
        if summary := dynamodb._tables[name].get(_SUMMARY):
            described |= {_SUMMARY: dict(summary)}
            if summary["RestoreInProgress"]:
                described["TableStatus"] = "CREATING"
        return described

    @wraps(dynamodb, "_describe_table")
    def _describe_table(describe: Any, data: Any) -> Any:
        answer = describe(data)
        if answer[0] == 200:
            name = json.loads(answer[2])["Table"]["TableName"]
            dynamodb._tables[name].get(_SUMMARY, {}).update(RestoreInProgress=False)
        return answer

    @wraps(dynamodb, "_delete_table")
    def _delete_table(delete: Any, data: Any) -> Any:
        if _being_made(data.get("TableName")):
            message = f"Attempt to change a resource which is still in use: Table is being created: {data['TableName']}"
            return error_response_json("ResourceInUseException", message, 400)
        return delete(data)


def install() -> None:
    """Patch restores of ministack's DynamoDB, and what may be done with a table that is being made by one."""
    _patch_restores()
    _patch_table()
    for name in _READS:
        _patch_reads(name)
