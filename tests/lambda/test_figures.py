"""Hold the figures of service.yaml to the code (times) and to the contract's maxima (sizes)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.contract import document

from harness.facts import read_service
from items import records, settings
from items.model import Claim, Item, timestamp

SERVICE = read_service("items")
TABLE = SERVICE.tables["items"]
INDEX = TABLE.indexes[records.INDEX]
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
    return records.from_item(item)


def largest_claim() -> dict[str, Any]:
    digest, moment = "f" * 64, timestamp(datetime(2026, 1, 1, tzinfo=UTC))
    item_id = str(largest_item()["id"]["S"])
    return records.from_claim(Claim(f"idempotency#{digest}", digest, item_id, "t" * 64, moment, 10**10, True))


def test_times_are_those_of_the_code() -> None:
    assert SERVICE.seconds.call_at_worst == pytest.approx(settings.SDK_WORST_CASE_SECONDS)
    assert SERVICE.seconds.margin == settings.HANDLER_MARGIN_SECONDS


def test_a_write_costs_no_more_than_is_said() -> None:
    item, claim = (math.ceil(size(record) / WRITE_UNIT) for record in (largest_item(), largest_claim()))
    # A transaction costs twice the units, also when it is refused; then the key's record is written alone.
    assert TABLE.per_request.write == 2 * (item + claim) + claim
    assert INDEX.per_request.write == item


def test_a_read_costs_no_more_than_is_said() -> None:
    assert TABLE.per_request.read == math.ceil(size(largest_item()) / READ_UNIT)
    limit = next(one for one in document("items")["paths"]["/items"]["get"]["parameters"] if one["name"] == "limit")
    assert limit["schema"]["default"] == PAGE
    # One item more tells whether there is a next page; an eventually consistent read is half price.
    assert INDEX.per_request.read == math.ceil((PAGE + 1) * math.ceil(size(largest_item()) / WRITE_UNIT) / 4 / 2)


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
    keys = [TABLE.hash_key, INDEX.hash_key, INDEX.range_key]
    assert all(key is not None and list(item[key.name]) == [key.code] for key in keys)
    assert TABLE.ttl_attribute in largest_claim()
