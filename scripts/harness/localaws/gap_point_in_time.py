"""Gap: point-in-time recovery restores the present.

Upstream: ``RestoreTableToPointInTime`` copies the items as they are now, whatever time is asked for, even with
recovery off; the recovery period is dropped and ``EarliestRestorableDateTime`` is always now.

AWS: "Point-in-time backups for DynamoDB", Amazon DynamoDB Developer Guide: recovery must be on; the new table
holds the items of the second asked for, which must lie between the time recovery was switched on (or the start of
the recovery period, 1 to 35 days, 35 unless said otherwise) and the latest restorable time. That lies about five
minutes back on AWS; here it is now, else every drill would wait.

Fill: while recovery is on, the value each item had before a change is kept with the table, and a restore undoes
the changes made after the second asked for.
"""

import copy
import time
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import dynamodb

from harness.localaws.patching import wraps

_KEPT = "_point_in_time"  # in the table's own record, so it is saved and deleted with it
_MOST_DAYS = 35
_DAY_SECONDS = 86400
_ANSWER = "PointInTimeRecoveryDescription"


def _note(table: Any, partition: Any, sort: Any) -> None:
    if kept := table.get(_KEPT):
        before = table["items"].get(partition, {}).get(sort)
        kept["changes"].append([time.time(), partition, sort, copy.deepcopy(before)])


def _earliest(kept: Any) -> float:
    return max(float(kept["since"]), time.time() - int(kept["days"]) * _DAY_SECONDS)


def _patch_writes() -> None:
    @wraps(dynamodb, "_set_item")
    def _set_item(set_item: Any, table: Any, partition: Any, sort: Any, *rest: Any) -> Any:
        _note(table, partition, sort)
        return set_item(table, partition, sort, *rest)

    @wraps(dynamodb, "_remove_item")
    def _remove_item(remove_item: Any, table: Any, partition: Any, sort: Any, *rest: Any) -> Any:
        _note(table, partition, sort)
        return remove_item(table, partition, sort, *rest)


def _description(name: str) -> dict[str, Any]:
    table = dynamodb._tables.get(name) or {}
    kept = table.get(_KEPT)
    if not dynamodb._pitr_settings.get(name) or not kept:
        return {"PointInTimeRecoveryStatus": "DISABLED"}
    return {
        "PointInTimeRecoveryStatus": "ENABLED",
        "RecoveryPeriodInDays": kept["days"],
        "EarliestRestorableDateTime": int(_earliest(kept)),
        "LatestRestorableDateTime": int(time.time()),
    }


def _answer(name: str) -> Any:
    described = {"ContinuousBackupsStatus": "ENABLED", _ANSWER: _description(name)}
    return dynamodb.json_response({"ContinuousBackupsDescription": described})


def _patch_settings() -> None:
    @wraps(dynamodb, "_update_continuous_backups")
    def _update_continuous_backups(update: Any, data: Any) -> Any:
        wanted = data.get("PointInTimeRecoverySpecification") or {}
        if not 1 <= int(wanted.get("RecoveryPeriodInDays") or _MOST_DAYS) <= _MOST_DAYS:
            message = f"RecoveryPeriodInDays must be from 1 to {_MOST_DAYS}"
            return error_response_json("ValidationException", message, 400)
        answer = update(data)
        if answer[0] != 200:
            return answer
        name = dynamodb._normalize_table_name(data.get("TableName"))
        table = dynamodb._tables[name]
        if not wanted.get("PointInTimeRecoveryEnabled"):
            table.pop(_KEPT, None)
        else:
            table.setdefault(_KEPT, {"since": time.time(), "changes": []})
            table[_KEPT]["days"] = wanted.get("RecoveryPeriodInDays") or _MOST_DAYS
        return _answer(name)

    @wraps(dynamodb, "_describe_continuous_backups")
    def _describe_continuous_backups(describe: Any, data: Any) -> Any:
        answer = describe(data)
        return answer if answer[0] != 200 else _answer(dynamodb._normalize_table_name(data.get("TableName")))


def _refusal(name: str, kept: Any, wanted: float) -> Any:
    """Refuse a restore that cannot be, with AWS's error answer; None when it can."""
    if not kept or not dynamodb._pitr_settings.get(name):
        message = f"Point in time recovery is not enabled for table '{name}'"
        return error_response_json("PointInTimeRecoveryUnavailableException", message, 400)
    if not int(_earliest(kept)) <= wanted <= time.time() + 1:
        message = f"RestoreDateTime is outside of the restorable period of table '{name}'"
        return error_response_json("InvalidRestoreTimeException", message, 400)
    return None


def _rewind(items: Any, changes: Any, wanted: float) -> None:
    for at, partition, sort, before in reversed(changes):
        if at <= wanted:
            return
        if before is None:
            items[partition].pop(sort, None)
        else:
            items[partition][sort] = copy.deepcopy(before)


def _patch_restore() -> None:
    @wraps(dynamodb, "_restore_table_to_point_in_time")
    def _restore_table_to_point_in_time(restore: Any, data: Any) -> Any:
        arn = data.get("SourceTableArn") or ""
        name = data.get("SourceTableName") or dynamodb._normalize_table_name(arn)
        if name not in dynamodb._tables:
            return restore(data)
        kept = dynamodb._tables[name].get(_KEPT)
        wanted = float(data.get("RestoreDateTime") or time.time())
        if refused := _refusal(name, kept, wanted):
            return refused
        answer = restore(data)
        if answer[0] == 200:
            target = dynamodb._tables[data["TargetTableName"]]
            _rewind(target["items"], kept["changes"], wanted)
            dynamodb._items_replaced(target)
        return answer


def install() -> None:
    """Patch writes, settings and restore of ministack's DynamoDB."""
    _patch_writes()
    _patch_settings()
    _patch_restore()
