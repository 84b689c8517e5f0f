"""Items compared and written back: everything that differs, nothing that somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.exceptions
import pytest

from harness.base.errors import HarnessError
from harness.operate.deployed import Table
from harness.operate.recovery.damage import lose_items
from harness.operate.recovery.items import (
    Item,
    Key,
    Written,
    compare,
    condition,
    key_of,
    read_items,
    shown_key,
    write_back,
)
from harness.operate.recovery.request import Mode

NOW = 1_800_000_000.0
PLAIN = Table("t", ("id",), ("S",), "expires_at", recoverable=True)
# A reserved word as hash key, a number as range key, no time to live.
EVENTS = Table("e", ("name", "at"), ("S", "N"), "", recoverable=False)
NUMBERS = Table("n", ("number",), ("N",), "", recoverable=False)
BYTES = Table("b", ("digest",), ("B",), "until", recoverable=False)


def _record(key: str, **attributes: str) -> dict[str, Any]:
    return {"id": {"S": key}, **{name: {"S": value} for name, value in attributes.items()}}


def _expiring(key: str, at: float) -> dict[str, Any]:
    return {"id": {"S": key}, "expires_at": {"N": str(at)}}


def _event(name: str, at: int, **attributes: str) -> dict[str, Any]:
    return {"name": {"S": name}, "at": {"N": str(at)}, **{key: {"S": value} for key, value in attributes.items()}}


def _by_key(table: Table, *records: Item) -> dict[Key, Item]:
    return {key_of(table, record): record for record in records}


class Fake:
    """As much of DynamoDB as conditional writes need: keys, equality and absence."""

    def __init__(self, table: Table, records: dict[Key, Item], failure: str = "") -> None:
        self.table = table
        self.records = dict(records)
        self.failure = failure

    def put_item(self, *, TableName: str, Item: dict[str, Any], **terms: Any) -> None:
        assert TableName == self.table.name
        self._check(key_of(self.table, Item), terms)
        self.records[key_of(self.table, Item)] = Item

    def delete_item(self, *, TableName: str, Key: dict[str, Any], **terms: Any) -> None:
        assert Key.keys() == set(self.table.key), "DynamoDB takes the whole key and nothing else"
        self._check(key_of(self.table, Key), terms)
        del self.records[key_of(self.table, Key)]

    def update_item(self, *, TableName: str, Key: dict[str, Any], **terms: Any) -> None:
        assert Key.keys() == set(self.table.key), "DynamoDB takes the whole key and nothing else"
        (name,), (value,) = terms["ExpressionAttributeNames"].values(), terms["ExpressionAttributeValues"].values()
        key = key_of(self.table, Key)
        self.records[key] = {**self.records[key], name: value}

    def get_paginator(self, name: str) -> Any:
        assert name == "scan"
        return self

    def paginate(self, *, TableName: str, ConsistentRead: bool) -> list[dict[str, Any]]:
        assert (TableName, ConsistentRead) == (self.table.name, True)
        records = [*self.records.values()]
        return [{"Items": records[:1]}, {"Items": records[1:]}]

    def _check(self, key: Key, terms: dict[str, Any]) -> None:
        if self.failure:
            raise botocore.exceptions.ClientError({"Error": {"Code": self.failure, "Message": ""}}, "PutItem")
        if "ConditionExpression" not in terms:
            return
        record, names = self.records.get(key, {}), terms["ExpressionAttributeNames"]
        for part in terms["ConditionExpression"].split(" AND "):
            if part.startswith("attribute_not_exists("):
                held = names[part[len("attribute_not_exists(") : -1]] not in record
            else:
                name, value = part.split(" = ")
                held = record.get(names[name]) == terms["ExpressionAttributeValues"][value]
            if not held:
                code = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
                raise botocore.exceptions.ClientError(code, "PutItem")  # type: ignore[arg-type]


SAME, GONE, OTHER = _record("same", name="a"), _record("gone", name="b"), _record("other", name="c")
KEPT, OLD = _expiring("idem#1", NOW + 1_000), _expiring("idem#old", NOW - 1)
COPY = _by_key(PLAIN, SAME, GONE, OTHER, KEPT, OLD)
LIVE = _by_key(PLAIN, SAME, _record("other", name="x", extra="y"), _record("new"))


def _keys(*names: str) -> tuple[Key, ...]:
    return tuple((("S", name),) for name in names)


def test_every_record_falls_into_one_group() -> None:
    found = compare(PLAIN, LIVE, COPY, NOW)
    assert (found.missing, found.changed, found.later) == (_keys("gone", "idem#1"), _keys("other"), _keys("new"))
    assert (found.expired, found.equal) == (_keys("idem#old"), 1)
    assert not found.none
    assert compare(PLAIN, COPY, COPY, NOW).none


@pytest.mark.parametrize(
    ("table", "record", "missed"),
    [
        (PLAIN, {"id": {"S": "a"}, "expires_at": {"N": "0"}}, True),  # DynamoDB never deletes what is so long past
        (PLAIN, {"id": {"S": "a"}, "expires_at": {"S": "2020"}}, True),  # no number, no time to live
        (PLAIN, _expiring("a", NOW - 1), False),
        (EVENTS, _event("a", 1) | {"expires_at": {"N": str(NOW - 1)}}, True),  # this table has no time to live
        (BYTES, {"digest": {"B": b"a"}, "until": {"N": str(NOW - 1)}}, False),
    ],
)
def test_what_expired_is_not_missed_and_nothing_else_is_taken_for_it(table: Table, record: Item, missed: bool) -> None:
    assert bool(compare(table, {}, _by_key(table, record), NOW).missing) is missed


def test_missing_touches_nothing_that_is_there() -> None:
    table = Fake(PLAIN, LIVE)
    written = write_back(table, PLAIN, LIVE, COPY, compare(PLAIN, LIVE, COPY, NOW), Mode.MISSING)
    assert written == Written(2)
    assert table.records == {**LIVE, **_by_key(PLAIN, GONE, KEPT)}


def test_exact_makes_the_table_the_copy() -> None:
    table = Fake(PLAIN, LIVE)
    write_back(table, PLAIN, LIVE, COPY, compare(PLAIN, LIVE, COPY, NOW), Mode.EXACT)
    assert table.records == _by_key(PLAIN, SAME, GONE, OTHER, KEPT)


def test_a_table_of_two_keys_is_restored_item_by_item() -> None:
    """Items that share the hash key are told apart by the range key, as a number."""
    copy = _by_key(EVENTS, _event("a", 2), _event("a", 10, note="first"), _event("b", 2))
    live = _by_key(EVENTS, _event("a", 10, note="changed"), _event("b", 2), _event("b", 3))
    table = Fake(EVENTS, live)
    found = compare(EVENTS, read_items(table, EVENTS), copy, NOW)
    assert [*map(shown_key, (*found.missing, *found.changed, *found.later))] == ["a / 2", "a / 10", "b / 3"]
    assert write_back(table, EVENTS, live, copy, found, Mode.EXACT) == Written(3)
    assert table.records == copy


@pytest.mark.parametrize("table", [PLAIN, EVENTS, NUMBERS, BYTES], ids=lambda table: table.name)
@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_drills_damage_shows_in_any_table_and_is_made_good(table: Table, count: int) -> None:
    values: dict[str, Callable[[int], Any]] = {"S": str, "N": str, "B": lambda number: bytes([number])}
    records = [
        {name: {kind: values[kind](number)} for name, kind in zip(table.key, table.types, strict=True)}
        for number in range(count)
    ]
    before = _by_key(table, *records)
    fake = Fake(table, before)
    hit = lose_items(fake, table, sorted(before))
    left = compare(table, fake.records, before, NOW)
    assert len(left.missing) + len(left.changed) + len(left.later) == hit
    assert (len(left.missing), len(left.later)) == (max(1, count // 3), 1)
    write_back(fake, table, read_items(fake, table), before, left, Mode.EXACT)
    assert fake.records == before


@pytest.mark.parametrize(
    ("key", "meanwhile"),
    [
        ("gone", _record("gone", name="made again")),
        ("other", _record("other", name="z", extra="y")),
        ("other", _record("other", name="x")),
        ("new", _record("new", name="filled")),
    ],
)
def test_what_changed_since_the_comparison_is_left_and_named(key: str, meanwhile: dict[str, Any]) -> None:
    live = {**LIVE, **_by_key(PLAIN, _record("new", name="empty"))} if key == "new" else LIVE
    table = Fake(PLAIN, {**LIVE, **_by_key(PLAIN, meanwhile)})
    written = write_back(table, PLAIN, live, COPY, compare(PLAIN, live, COPY, NOW), Mode.EXACT)
    assert written.refused == _keys(key)
    assert table.records[written.refused[0]] == meanwhile


def test_a_refusal_of_another_kind_stops_the_restore() -> None:
    table = Fake(PLAIN, LIVE, failure="ThrottlingException")
    with pytest.raises(HarnessError, match="writing back to t stopped"):
        write_back(table, PLAIN, LIVE, COPY, compare(PLAIN, LIVE, COPY, NOW), Mode.MISSING)


def test_an_attribute_that_came_to_be_blocks_the_write() -> None:
    terms = condition(PLAIN, _record("a"), _record("a", deleted_at="then"))
    assert terms["ConditionExpression"] == "#a0 = :v0 AND attribute_not_exists(#a1)"
    assert terms["ExpressionAttributeNames"] == {"#a0": "id", "#a1": "deleted_at"}


def test_no_record_is_told_by_a_placeholder_as_a_key_may_bear_a_reserved_word() -> None:
    terms = condition(EVENTS, None, _event("a", 1))
    assert terms["ConditionExpression"] == "attribute_not_exists(#key)"
    assert terms["ExpressionAttributeNames"] == {"#key": "name"}
