"""Gap: what an index may serve at most does not change once it is made.

Upstream: ``UpdateTable`` drops the caps of an index (``OnDemandThroughput``), so every later plan of Terraform's
changes them once more.

AWS: "UpdateGlobalSecondaryIndexAction", Amazon DynamoDB API Reference: ``OnDemandThroughput`` changes the most units
that the index reads and writes.

Fill: the caps are kept.
"""

from typing import Any

from ministack.services import dynamodb

from harness.localaws.patching import wraps


def install() -> None:
    """Patch ``UpdateTable`` of ministack's DynamoDB."""

    @wraps(dynamodb, "_update_table")
    def _update_table(update: Any, data: Any) -> Any:
        answer = update(data)
        table = dynamodb._tables.get(dynamodb._normalize_table_name(data.get("TableName"))) or {}
        wanted = {
            one["Update"]["IndexName"]: one["Update"]["OnDemandThroughput"]
            for one in data.get("GlobalSecondaryIndexUpdates") or ()
            if "OnDemandThroughput" in one.get("Update", {})
        }
        if answer[0] == 200:
            for index in table.get("GlobalSecondaryIndexes") or ():
                if index["IndexName"] in wanted:
                    index["OnDemandThroughput"] = wanted[index["IndexName"]]
        return answer
