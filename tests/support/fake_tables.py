"""As much of DynamoDB as a restore uses: tables with throughput, copies of them, tags; on a clock that tests turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from threading import RLock
from types import SimpleNamespace
from typing import Any, ClassVar

import botocore.exceptions

from harness.operate.deployed import Table
from harness.operate.recovery.items import Item, Key, key_of


class VirtualClock:
    """Time that passes when somebody waits, or a call is made."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.seconds

    def epoch(self) -> float:
        return 1_800_000_000.0 + self.seconds

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.sleeps.append(seconds)
        self.seconds += seconds


class Answered(dict[str, Any]):
    """A record in an answer: it counts how many of its kind are held at once."""

    held: ClassVar[int] = 0

    def __init__(self, record: Item) -> None:
        super().__init__(record)
        Answered.held += 1

    def __del__(self) -> None:
        Answered.held -= 1


def refusal(code: str, operation: str = "Any") -> botocore.exceptions.ClientError:
    """An error as boto3 raises it."""
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": code}}, operation)


def size(record: Item) -> int:
    """Bytes of a record, of strings and numbers."""
    return sum(len(name) + len(str(next(iter(value.values())))) for name, value in record.items())


class FakeTables:
    """Tables, backups of them, and what is restored from those.

    Attributes:
        before: called with the name of each operation and its parameters before it is carried out.
        calls: operations that were carried out, in order.
        units: by table and operation's kind (``read``, ``write``): units consumed.
        most_held: most records in answers that were held at a time.
    """

    def __init__(self, *tables: Table, clock: VirtualClock | None = None, call_seconds: float = 0.005) -> None:
        self.clock = clock or VirtualClock()
        self.call_seconds = call_seconds
        self.schemas = {table.name: table for table in tables}
        self.records: dict[str, dict[Key, Item]] = {table.name: {} for table in tables}
        self.backups: dict[str, dict[Key, Item]] = {}
        self.described: dict[str, dict[str, Any]] = {table.name: self._description(table.name) for table in tables}
        self.tags: dict[str, dict[str, str]] = {}
        self.looks_until_made = 1
        self.before: Callable[[str, Mapping[str, Any]], None] = lambda operation, asked: None
        self.calls: list[str] = []
        self.units: dict[tuple[str, str], float] = {}
        self.batch_takes = 100
        self.most_held = 0
        self._lock = RLock()

    def _description(self, name: str, **more: Any) -> dict[str, Any]:
        told = {"TableName": name, "TableStatus": "ACTIVE", "TableArn": f"arn:aws:x:table/{name}"}
        return {**told, "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}, **more}

    def _begin(self, operation: str, **asked: Any) -> None:
        self.clock.seconds += self.call_seconds
        self.most_held = max(self.most_held, Answered.held)
        self.before(operation, asked)
        self.calls.append(operation)

    def put(self, table: str, *records: Item) -> None:
        """Lay records into a table, as the service did before."""
        self.records[table].update((key_of(self.schemas[table], one), one) for one in records)

    def back_up(self, table: str) -> str:
        """Keep what a table holds now; the backup's ARN."""
        self.backups[f"arn:{table}:backup"] = dict(self.records[table])
        return f"arn:{table}:backup"

    # What boto3's client has.

    def list_backups(self, *, TableName: str, BackupType: str) -> dict[str, Any]:
        made = {"BackupName": f"{TableName}-then", "BackupCreationDateTime": datetime(2026, 1, 1, tzinfo=UTC)}
        return {"BackupSummaries": [{**made, "BackupArn": f"arn:{TableName}:backup"}]}

    def describe_table(self, *, TableName: str) -> dict[str, Any]:
        self._begin("DescribeTable", TableName=TableName)
        self._require(TableName)
        told = {**self.described[TableName]}
        if told["TableStatus"] == "CREATING":
            told["RestoreSummary"]["looks"] -= 1
            if told["RestoreSummary"]["looks"] <= 0:
                self.described[TableName]["TableStatus"] = "ACTIVE"
        return {"Table": told}

    def get_paginator(self, name: str) -> Any:
        if name == "list_tables":
            return SimpleNamespace(paginate=lambda: [{"TableNames": [one]} for one in self.records])
        assert name == "scan"
        return SimpleNamespace(paginate=lambda **asked: [self.scan(**asked)])

    def restore_table_from_backup(self, *, TargetTableName: str, BackupArn: str, **bare: Any) -> None:
        self._begin("RestoreTableFromBackup", TargetTableName=TargetTableName)
        assert bare["GlobalSecondaryIndexOverride"] == []
        source = BackupArn.split(":")[1]
        self.schemas[TargetTableName] = self.schemas[source]
        self.records[TargetTableName] = dict(self.backups[BackupArn])
        summary = {
            "SourceTableArn": f"arn:aws:x:table/{source}",
            "SourceBackupArn": BackupArn,
            "RestoreDateTime": datetime(2026, 1, 1, tzinfo=UTC),
            "looks": self.looks_until_made,
        }
        more = {"TableStatus": "CREATING", "RestoreSummary": summary}
        self.described[TargetTableName] = self._description(TargetTableName, **more)

    def delete_table(self, *, TableName: str) -> None:
        self._begin("DeleteTable", TableName=TableName)
        self._require(TableName)
        if self.described[TableName]["TableStatus"] == "CREATING":
            raise refusal("ResourceInUseException")
        if self.described[TableName].get("DeletionProtectionEnabled"):
            raise refusal("ValidationException")
        del self.records[TableName], self.described[TableName]

    def update_table(self, *, TableName: str, DeletionProtectionEnabled: bool) -> None:
        self._begin("UpdateTable", TableName=TableName)
        self.described[TableName]["DeletionProtectionEnabled"] = DeletionProtectionEnabled

    def tag_resource(self, *, ResourceArn: str, Tags: Sequence[Mapping[str, str]]) -> None:
        self._begin("TagResource", ResourceArn=ResourceArn)
        self.tags.setdefault(ResourceArn, {}).update({one["Key"]: one["Value"] for one in Tags})

    def list_tags_of_resource(self, *, ResourceArn: str) -> dict[str, Any]:
        self._begin("ListTagsOfResource", ResourceArn=ResourceArn)
        tags = self.tags.get(ResourceArn, {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def scan(
        self,
        *,
        TableName: str,
        ConsistentRead: bool,
        Limit: int = 10**6,
        ReturnConsumedCapacity: str = "INDEXES",
        ExclusiveStartKey: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        self._begin("Scan", TableName=TableName)
        self._require_made(TableName)
        assert (ConsistentRead, ReturnConsumedCapacity) == (True, "INDEXES")
        schema = self.schemas[TableName]
        after = key_of(schema, ExclusiveStartKey) if ExclusiveStartKey else None
        keys = sorted(key for key in self.records[TableName] if after is None or key > after)
        page = [self.records[TableName][key] for key in keys[:Limit]]
        consumed = self._consumed(TableName, "read", math.ceil(sum(map(size, page)) / 4096))
        answer = {"Items": [*map(Answered, page)], **consumed}
        if keys[Limit:]:
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in schema.key}
        return answer

    def batch_get_item(self, *, RequestItems: Mapping[str, Any], ReturnConsumedCapacity: str) -> dict[str, Any]:
        ((name, asked),) = RequestItems.items()
        self._begin("BatchGetItem", TableName=name)
        self._require_made(name)
        assert (asked["ConsistentRead"], ReturnConsumedCapacity) == (True, "INDEXES")
        assert 0 < len(asked["Keys"]) <= 100
        taken, left = asked["Keys"][: self.batch_takes], asked["Keys"][self.batch_takes :]
        keys = [key_of(self.schemas[name], key) for key in taken]
        found = [self.records[name][key] for key in keys if key in self.records[name]]
        units = sum(max(1, math.ceil(size(one) / 4096)) for one in found) + len(keys) - len(found)
        told = self._consumed(name, "read", units)["ConsumedCapacity"]
        return {
            "Responses": {name: [*map(Answered, found)]},
            "UnprocessedKeys": {name: {"Keys": left}} if left else {},
            "ConsumedCapacity": [told],
        }

    def put_item(self, *, TableName: str, Item: Item, **terms: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("PutItem", TableName=TableName)
            key = key_of(self.schemas[TableName], Item)
            self._check(TableName, key, terms)
            self.records[TableName][key] = dict(Item)
            return self._consumed(TableName, "write", math.ceil(size(Item) / 1024))

    def delete_item(self, *, TableName: str, Key: Mapping[str, Any], **terms: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("DeleteItem", TableName=TableName)
            assert Key.keys() == set(self.schemas[TableName].key), "DynamoDB takes the whole key and nothing else"
            key = key_of(self.schemas[TableName], Key)
            self._check(TableName, key, terms)
            gone = self.records[TableName].pop(key)
            return self._consumed(TableName, "write", math.ceil(size(gone) / 1024))

    def update_item(self, *, TableName: str, Key: Mapping[str, Any], **terms: Any) -> None:
        assert Key.keys() == set(self.schemas[TableName].key), "DynamoDB takes the whole key and nothing else"
        (name,), (value,) = terms["ExpressionAttributeNames"].values(), terms["ExpressionAttributeValues"].values()
        key = key_of(self.schemas[TableName], Key)
        self.records[TableName][key] = {**self.records[TableName][key], name: value}

    def _consumed(self, table: str, kind: str, units: float) -> dict[str, Any]:
        self.units[table, kind] = self.units.get((table, kind), 0) + units
        return {"ConsumedCapacity": {"TableName": table, "CapacityUnits": units, "Table": {"CapacityUnits": units}}}

    def _require(self, table: str) -> None:
        if table not in self.records:
            raise refusal("ResourceNotFoundException")

    def _require_made(self, table: str) -> None:
        if table not in self.records or self.described[table]["TableStatus"] != "ACTIVE":
            raise refusal("ResourceNotFoundException")

    def _check(self, table: str, key: Key, terms: Mapping[str, Any]) -> None:
        if "ConditionExpression" not in terms:
            return
        record, names = self.records[table].get(key, {}), terms["ExpressionAttributeNames"]
        for part in terms["ConditionExpression"].split(" AND "):
            if part.startswith("attribute_not_exists("):
                held = names[part[len("attribute_not_exists(") : -1]] not in record
            else:
                name, value = part.split(" = ")
                held = record.get(names[name]) == terms["ExpressionAttributeValues"][value]
            if not held:
                raise refusal("ConditionalCheckFailedException")
