"""Items compared and written back: everything that differs, nothing that somebody else wrote."""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import pytest

from harness.base.errors import HarnessError
from harness.operate.recovery.items import Written, compare, condition, write_back
from harness.operate.recovery.request import Mode

NOW = 1_000.0


def _record(key: str, **attributes: str) -> dict[str, Any]:
    return {"id": {"S": key}, **{name: {"S": value} for name, value in attributes.items()}}


def _expiring(key: str, at: int) -> dict[str, Any]:
    return {"id": {"S": key}, "expires_at": {"N": str(at)}}


class Table:
    """As much of DynamoDB as a conditional write needs: equality and absence."""

    def __init__(self, records: dict[str, dict[str, Any]], failure: str = "") -> None:
        self.records = records
        self.failure = failure

    def put_item(self, *, TableName: str, Item: dict[str, Any], **terms: Any) -> None:
        self._check(Item["id"]["S"], terms)
        self.records[Item["id"]["S"]] = Item

    def delete_item(self, *, TableName: str, Key: dict[str, Any], **terms: Any) -> None:
        self._check(Key["id"]["S"], terms)
        del self.records[Key["id"]["S"]]

    def _check(self, key: str, terms: dict[str, Any]) -> None:
        if self.failure:
            raise botocore.exceptions.ClientError({"Error": {"Code": self.failure, "Message": ""}}, "PutItem")
        record, names = self.records.get(key, {}), terms.get("ExpressionAttributeNames", {})
        for part in terms["ConditionExpression"].split(" AND "):
            if part.startswith("attribute_not_exists("):
                name = part[len("attribute_not_exists(") : -1]
                held = names.get(name, name) not in record
            else:
                name, value = part.split(" = ")
                held = record.get(names[name]) == terms["ExpressionAttributeValues"][value]
            if not held:
                code = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
                raise botocore.exceptions.ClientError(code, "PutItem")  # type: ignore[arg-type]


COPY = {
    "same": _record("same", name="a"),
    "gone": _record("gone", name="b"),
    "other": _record("other", name="c"),
    "idem#1": _expiring("idem#1", 2_000),
    "idem#old": _expiring("idem#old", 999),
}
LIVE = {"same": _record("same", name="a"), "other": _record("other", name="x", extra="y"), "new": _record("new")}


def test_every_record_falls_into_one_group() -> None:
    found = compare(LIVE, COPY, NOW)
    assert (found.missing, found.changed, found.later) == (("gone", "idem#1"), ("other",), ("new",))
    assert (found.expired, found.equal) == (("idem#old",), 1)
    assert not found.none
    assert compare(COPY, COPY, NOW).none


def test_missing_touches_nothing_that_is_there() -> None:
    table = Table(dict(LIVE))
    written = write_back(table, "t", LIVE, COPY, compare(LIVE, COPY, NOW), Mode.MISSING)
    assert written == Written(2)
    assert table.records == {**LIVE, "gone": COPY["gone"], "idem#1": COPY["idem#1"]}


def test_exact_makes_the_table_the_copy() -> None:
    table = Table(dict(LIVE))
    write_back(table, "t", LIVE, COPY, compare(LIVE, COPY, NOW), Mode.EXACT)
    assert table.records == {key: record for key, record in COPY.items() if key != "idem#old"}


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
    table = Table({**LIVE, key: meanwhile} if key != "new" else {**LIVE, "new": meanwhile})
    live = {**LIVE, "new": _record("new", name="empty")} if key == "new" else LIVE
    written = write_back(table, "t", live, COPY, compare(live, COPY, NOW), Mode.EXACT)
    assert written.refused == (key,)
    assert table.records[key] == meanwhile


def test_a_refusal_of_another_kind_stops_the_restore() -> None:
    table = Table(dict(LIVE), failure="ThrottlingException")
    with pytest.raises(HarnessError, match="writing back to t stopped"):
        write_back(table, "t", LIVE, COPY, compare(LIVE, COPY, NOW), Mode.MISSING)


def test_an_attribute_that_came_to_be_blocks_the_write() -> None:
    terms = condition(_record("a"), _record("a", deleted_at="then"))
    assert terms["ConditionExpression"] == "#a0 = :v0 AND attribute_not_exists(#a1)"
    assert terms["ExpressionAttributeNames"] == {"#a0": "id", "#a1": "deleted_at"}
