"""Hold the figures of service.yaml to the code (times) and to the contract's maxima (sizes)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.contract import document

from harness.facts import Index, Units, read_service
from items import records, settings
from items.model import Claim, Item, timestamp

SERVICE = read_service("items")
TABLE = SERVICE.tables["items"]
BY_SHARD, BY_STATUS = (TABLE.indexes[name] for name in (records.BY_SHARD, records.BY_STATUS))
assert TABLE.shards is not None
SHARDS = TABLE.shards
WRITE_UNIT, READ_UNIT = 1024, 4096
"""Bytes of a request unit (DynamoDB Developer Guide, "Read/write request units")."""
PAGE = 20
"""Items of a page when the client asks for no other number: the contract's default."""


def size(record: dict[str, Any]) -> int:
    """Bytes that DynamoDB counts: names and values; a number about one byte for two digits and one more."""
    return sum(
        len(name)
        + sum(len(value.encode()) if kind == "S" else 1 + len(str(value)) // 2 + 1 for kind, value in typed.items())
        for name, typed in record.items()
    )


def longest(schema: dict[str, Any], name: str) -> str:
    """Make the longest plain text that a property takes, by its length or by its pattern's repetition."""
    declared = schema["properties"][name]
    return "x" * int(declared.get("maxLength") or re.findall(r"\{\d+,(\d+)\}", declared["pattern"])[-1])


def largest_item() -> dict[str, Any]:
    schemas = document("items")["components"]["schemas"]
    new, moment = schemas["ItemCreate"], timestamp(datetime(2026, 1, 1, tzinfo=UTC))
    status = max(schemas["Item"]["properties"]["status"]["enum"], key=len)
    item = Item(longest(new, "id"), longest(new, "name"), longest(new, "description"), status, 10**9, moment, moment)
    return records.from_item(item, SHARDS.write)


def largest_claim() -> dict[str, Any]:
    digest, moment = "f" * 64, timestamp(datetime(2026, 1, 1, tzinfo=UTC))
    item_id = str(largest_item()["id"]["S"])
    return records.from_claim(Claim(f"idempotency#{digest}", digest, item_id, "t" * 64, moment, 10**10, True))


def test_times_are_those_of_the_code() -> None:
    assert SERVICE.seconds.call_at_worst == pytest.approx(settings.SDK_WORST_CASE_SECONDS)
    assert SERVICE.seconds.margin == settings.HANDLER_MARGIN_SECONDS


def units(record: dict[str, Any], unit: int) -> int:
    return math.ceil(size(record) / unit)


def test_a_write_costs_no_more_than_is_said() -> None:
    item, claim = (units(record, WRITE_UNIT) for record in (largest_item(), largest_claim()))
    # A transaction costs twice the units, also when it is refused; then the key's record is written alone.
    assert TABLE.per_request["POST /items"] == Units(write=2 * (item + claim) + claim)
    for changed in ("PUT /items/{id}", "DELETE /items/{id}"):
        assert TABLE.per_request[changed] == Units(read=units(largest_item(), READ_UNIT), write=2 * item)
    assert TABLE.per_request["GET /items/{id}"] == Units(read=units(largest_item(), READ_UNIT))


@pytest.mark.parametrize(("index", "moved"), [(BY_SHARD, 0), (BY_STATUS, 2)])
def test_a_write_costs_each_index_no_more_than_is_said(index: Index, moved: int) -> None:
    entry = units(keys_of(index), WRITE_UNIT)
    assert index.per_request["POST /items"] == index.per_request["DELETE /items/{id}"] == Units(write=entry)
    # One entry goes and another comes, where the status is in its key.
    assert index.per_request.get("PUT /items/{id}", Units()) == Units(write=moved * entry)


def keys_of(index: Index) -> dict[str, Any]:
    """Return all that an index of keys holds of the largest item."""
    assert index.projection == "KEYS_ONLY"
    return {key.name: largest_item()[key.name] for key in (TABLE.hash_key, index.hash_key, index.range_key) if key}


@pytest.mark.parametrize("index", [BY_SHARD, BY_STATUS])
def test_a_page_costs_no_more_than_is_said(index: Index) -> None:
    limit = next(one for one in document("items")["paths"]["/items"]["get"]["parameters"] if one["name"] == "limit")
    assert limit["schema"]["default"] == PAGE
    # An eventually consistent read is half price. One key more tells whether there is a next page.
    assert TABLE.per_request["GET /items"] == Units(read=PAGE * units(largest_item(), READ_UNIT) / 2)
    shard = math.ceil((PAGE + 1) * size(keys_of(index)) / READ_UNIT)
    assert index.per_request["GET /items"] == Units(read=SHARDS.read * shard / 2)


def test_the_shards_are_told_to_the_function() -> None:
    variables = {"LIST_SHARDS_READ": "shards:items/read", "LIST_SHARDS_WRITE": "shards:items/write"}
    assert variables.items() <= SERVICE.environment.items()
    told = settings.load({"TABLE_NAME": "t"} | {
        variable: str(getattr(SHARDS, symbol.partition("/")[2])) for variable, symbol in variables.items()
    })  # fmt: skip
    assert (told.shards.read, told.shards.write) == (SHARDS.read, SHARDS.write)


def test_open_routes_are_those_that_the_contract_opens() -> None:
    opened = {
        f"{verb.upper()} {path}"
        for path, item in document("items")["paths"].items()
        for verb, operation in item.items()
        if operation.get("security") == []
    }
    assert set(SERVICE.open_routes) == opened


def test_the_table_is_keyed_as_the_code_writes() -> None:
    item = largest_item()
    keys = [TABLE.hash_key, *(key for index in (BY_SHARD, BY_STATUS) for key in (index.hash_key, index.range_key))]
    assert all(key is not None and list(item[key.name]) == [key.code] for key in keys)
    assert TABLE.ttl_attribute in largest_claim()
