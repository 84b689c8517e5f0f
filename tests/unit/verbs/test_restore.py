"""Every table comes back from its own copy, whatever its key; shown before it is done."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import botocore.exceptions
import pytest
from tests.support.states import context, document, resource

from harness.base.errors import HarnessError
from harness.base.paths import Stack, Target
from harness.operate.recovery.request import Mode, Request, What
from harness.terraform.context import Context
from harness.verbs import restore
from harness.verbs.restore import restore_tables

STACK = Stack("somewhere", "alice", Target.LOCAL)
EVERY = Request(What.TABLE, backup="then", mode=Mode.EXACT)
KEYS = {"users": ("id",), "events": ("name", "at")}
HELD = {
    "users": [{"id": {"S": "a"}, "note": {"S": "was"}}, {"id": {"S": "b"}}],
    "events": [{"name": {"S": "a"}, "at": {"N": "1"}}, {"name": {"S": "a"}, "at": {"N": "2"}, "note": {"S": "was"}}],
}
NOW = {
    "users": [{"id": {"S": "a"}, "note": {"S": "is"}}, {"id": {"S": "c"}}],
    "events": [{"name": {"S": "a"}, "at": {"N": "2"}, "note": {"S": "was"}}],
}


class Tables:
    """Tables with a backup each, as restores use them."""

    def __init__(self, *, gone: str = "") -> None:
        self.held = {name: list(items) for name, items in NOW.items() if name != gone}
        self.writes: list[str] = []

    def describe_table(self, *, TableName: str) -> None:
        if TableName not in self.held:
            raise botocore.exceptions.ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "DescribeTable")

    def list_backups(self, *, TableName: str, BackupType: str) -> dict[str, Any]:
        made = {"BackupName": f"{TableName}-then", "BackupArn": TableName, "BackupCreationDateTime": datetime.now(UTC)}
        return {"BackupSummaries": [made]}

    def restore_table_from_backup(self, *, TargetTableName: str, BackupArn: str, **_: Any) -> None:
        assert TargetTableName.startswith(f"{BackupArn}-restore-")
        self.held[TargetTableName] = list(HELD[BackupArn])

    def get_waiter(self, name: str) -> Any:
        return SimpleNamespace(wait=lambda **_: None)

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda TableName, ConsistentRead: [{"Items": self.held[TableName]}])

    def put_item(self, *, TableName: str, Item: dict[str, Any], **_: Any) -> None:
        self.writes.append(TableName)
        self._drop(TableName, Item)
        self.held[TableName].append(Item)

    def delete_item(self, *, TableName: str, Key: dict[str, Any], **_: Any) -> None:
        assert tuple(Key) == KEYS[TableName]
        self.writes.append(TableName)
        self._drop(TableName, Key)

    def delete_table(self, *, TableName: str) -> None:
        del self.held[TableName]

    def _drop(self, table: str, like: dict[str, Any]) -> None:
        self.held[table] = [one for one in self.held[table] if any(one[name] != like[name] for name in KEYS[table])]


@pytest.fixture(autouse=True)
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    written: dict[str, Any] = {}
    monkeypatch.setattr(restore, "write_report", lambda name, content: written.update(content))
    return written


def of(tables: Tables) -> Context:
    state = document(
        *(
            resource(
                "aws_dynamodb_table",
                {
                    **{"name": name, "hash_key": key[0], "range_key": key[1] if key[1:] else None},
                    "attribute": [{"name": one, "type": "N" if one == "at" else "S"} for one in key],
                },
                module=f'module.any["{name}"]',
            )
            for name, key in KEYS.items()
        )
    )
    return context(STACK, state, dynamodb=tables)


def content(tables: Tables, name: str) -> list[str]:
    return sorted(map(str, tables.held[name]))


def test_every_table_is_restored_by_its_own_key(reports: dict[str, Any]) -> None:
    tables = Tables()
    left = restore_tables(of(tables), EVERY, confirmed=True)
    assert all(one.none for one in left.values())
    assert {name: content(tables, name) for name in KEYS} == {
        name: sorted(map(str, items)) for name, items in HELD.items()
    }
    assert tables.held.keys() == KEYS.keys(), "the side tables are gone"
    before = {name: one["before"] for name, one in reports["tables"].items()}
    assert {name: (one["missing"], one["changed"], one["later"]) for name, one in before.items()} == {
        "users": (1, 1, 1),
        "events": (1, 0, 0),
    }


@pytest.mark.parametrize(
    "request_",
    [
        Request(What.TABLE, backup="then", mode=Mode.EXACT, table="events"),
        Request(What.TABLE, backup="events-then", mode=Mode.EXACT),
    ],
)
def test_one_table_is_restored_alone(request_: Request) -> None:
    tables = Tables()
    assert [*restore_tables(of(tables), request_, confirmed=True)] == ["events"]
    assert set(tables.writes) == {"events"}


def test_nothing_is_written_before_it_is_confirmed() -> None:
    tables = Tables()
    left = restore_tables(of(tables), EVERY, confirmed=False)
    assert (tables.writes, [one.none for one in left.values()]) == ([], [False, False])


def test_a_table_that_is_gone_keeps_every_table_as_it_is() -> None:
    tables = Tables(gone="users")
    with pytest.raises(HarnessError, match="table users does not exist -> make plan ENV=somewhere SUFFIX=alice and"):
        restore_tables(of(tables), EVERY, confirmed=True)
    assert tables.writes == []


def test_a_state_without_tables_says_what_makes_them() -> None:
    with pytest.raises(HarnessError, match=r"has no table -> make plan .*make restore ENV=.* WHAT=state first"):
        restore_tables(context(STACK, None, dynamodb=Tables()), EVERY, confirmed=True)
