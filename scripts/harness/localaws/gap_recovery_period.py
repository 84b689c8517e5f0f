"""Gap: the recovery period of point-in-time recovery.

Upstream: ``UpdateContinuousBackups`` keeps only whether recovery is on; ``DescribeContinuousBackups`` never answers
``RecoveryPeriodInDays``, so that every later plan wants to set it again.

AWS: "PointInTimeRecoverySpecification" and "PointInTimeRecoveryDescription", Amazon DynamoDB API Reference: a whole
number of days from 1 to 35, 35 when none is given; answered while recovery is enabled.

Fill: the number of days is kept where upstream keeps "on" (so it is saved with it), and answered.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import dynamodb

from harness.localaws.patching import original, replaces

_MOST_DAYS = 35


def install() -> None:
    """Patch both continuous-backup operations of ministack's DynamoDB."""
    update = original(dynamodb, "_update_continuous_backups")
    describe = original(dynamodb, "_describe_continuous_backups")

    @replaces(dynamodb, "_update_continuous_backups")
    def _update_continuous_backups(data: dict[str, Any]) -> Any:
        wanted = data.get("PointInTimeRecoverySpecification", {})
        days = wanted.get("RecoveryPeriodInDays", _MOST_DAYS)
        if not isinstance(days, int) or not 1 <= days <= _MOST_DAYS:
            return error_response_json("ValidationException", f"RecoveryPeriodInDays must be 1 to {_MOST_DAYS}", 400)
        answer = update(data)
        name = dynamodb._normalize_table_name(data.get("TableName"))
        if answer[0] == 200 and dynamodb._pitr_settings.get(name):
            dynamodb._pitr_settings[name] = days
        return _with_days(answer, name)

    @replaces(dynamodb, "_describe_continuous_backups")
    def _describe_continuous_backups(data: dict[str, Any]) -> Any:
        return _with_days(describe(data), dynamodb._normalize_table_name(data.get("TableName")))


def _with_days(answer: Any, table: str) -> Any:
    status, headers, body = answer
    days = dynamodb._pitr_settings.get(table)
    if status != 200 or not days:
        return answer
    document = json.loads(body)
    recovery = document["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    recovery["RecoveryPeriodInDays"] = _MOST_DAYS if days is True else days
    return status, headers, json.dumps(document).encode()
