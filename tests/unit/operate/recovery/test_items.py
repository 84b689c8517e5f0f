"""Items of a table and a copy compared, and the terms under which one is written over another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.fake_tables import FakeTables

from harness.operate.deployed import Table
from harness.operate.recovery.damage import lose_items
from harness.operate.recovery.items import Difference, Item, Key, compare, condition, key_of, read_items

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


SAME, GONE, OTHER = _record("same", name="a"), _record("gone", name="b"), _record("other", name="c")
KEPT, OLD = _expiring("idem#1", NOW + 1_000), _expiring("idem#old", NOW - 1)
COPY = _by_key(PLAIN, SAME, GONE, OTHER, KEPT, OLD)
LIVE = _by_key(PLAIN, SAME, _record("other", name="x", extra="y"), _record("new"))


def test_every_record_falls_into_one_group() -> None:
    found = compare(PLAIN, LIVE, COPY, NOW)
    assert found == Difference(missing=2, changed=1, later=1, expired=1, equal=1)
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


@pytest.mark.parametrize("table", [PLAIN, EVENTS, NUMBERS, BYTES], ids=lambda table: table.name)
@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_drills_damage_shows_in_any_table(table: Table, count: int) -> None:
    values: dict[str, Callable[[int], Any]] = {"S": str, "N": str, "B": lambda number: bytes([number])}
    records = [
        {name: {kind: values[kind](number)} for name, kind in zip(table.key, table.types, strict=True)}
        for number in range(count)
    ]
    fake = FakeTables(table)
    fake.put(table.name, *records)
    before = dict(fake.records[table.name])
    hit = lose_items(fake, table, sorted(before))
    left = compare(table, read_items(fake, table), before, NOW)
    assert left.missing + left.changed + left.later == hit
    assert (left.missing, left.later) == (max(1, count // 3), 1)


SETS = [("SS", ["a", "b"]), ("NS", ["1", "2"]), ("BS", [b"a", b"b"])]


@pytest.mark.parametrize(("kind", "values"), SETS)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_set_is_the_same_in_any_order(kind: str, values: list[Any], depth: int) -> None:
    """AWS keeps no order of a set's values, and keeps a list's ("Supported data types", DynamoDB Developer Guide)."""

    def held(*of: Any) -> Item:
        value: Any = {kind: [*of]}
        for _ in range(depth):
            value = {"M": {"in": {"L": [value, {"S": "x"}]}}}
        return {"id": {"S": "a"}, "value": value}

    def differs(live: Item, copy: Item) -> int:
        return compare(PLAIN, _by_key(PLAIN, live), _by_key(PLAIN, copy), NOW).changed

    assert differs(held(*values), held(*reversed(values))) == 0
    assert differs(held(*values), held(values[0])) == 1
    in_order, turned = ({"id": {"S": "a"}, "value": {"L": [{"S": one} for one in word]}} for word in ("ab", "ba"))
    assert differs(in_order, turned) == 1


def test_an_attribute_that_came_to_be_blocks_the_write() -> None:
    terms = condition(PLAIN, _record("a"), _record("a", deleted_at="then"))
    assert terms["ConditionExpression"] == "#a0 = :v0 AND attribute_not_exists(#a1)"
    assert terms["ExpressionAttributeNames"] == {"#a0": "id", "#a1": "deleted_at"}


def test_no_record_is_told_by_a_placeholder_as_a_key_may_bear_a_reserved_word() -> None:
    terms = condition(EVENTS, None, _event("a", 1))
    assert terms["ConditionExpression"] == "attribute_not_exists(#key)"
    assert terms["ExpressionAttributeNames"] == {"#key": "name"}
