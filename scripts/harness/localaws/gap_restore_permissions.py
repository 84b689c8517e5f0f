"""Gap: whoever may restore a backup may write a table with it.

Upstream: only the restore itself is authorised.

AWS: "Using IAM with DynamoDB backup and restore", Amazon DynamoDB Developer Guide: "DynamoDB RestoreTableFromBackup
permissions are necessary on the source backup, and DynamoDB read and write permissions on the target table are
necessary for restore functionality", the same for a point in time; the example lists them.

Fill: reading and writing the table that is made are asked for, as in that example.
"""

from collections.abc import Iterator

from harness.localaws.authorisation import Call, Check, arn, asks_also

_RESTORES = ("dynamodb:RestoreTableFromBackup", "dynamodb:RestoreTableToPointInTime")
_READ_AND_WRITE = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")


def install() -> None:
    """Let a restore need reading and writing its table."""

    @asks_also
    def _read_and_write(call: Call) -> Iterator[Check]:
        if call.action in _RESTORES:
            table = arn("dynamodb", f"table/{call.data.get('TargetTableName')}")
            yield from (Check(f"dynamodb:{action}", table) for action in _READ_AND_WRITE)
