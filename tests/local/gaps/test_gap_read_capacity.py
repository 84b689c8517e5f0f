"""Probe of gap_read_capacity."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator

_NAME = "read-capacity"
_ITEM_BYTES = 5_000  # two units of 4 KB by itself
_ITEMS = 230  # more than a page of 1 MB
_KEYS = [{"id": {"S": f"{number:03}"}} for number in range(100)]


def _table(emulator: Emulator) -> Any:
    dynamodb = emulator.client("dynamodb")
    dynamodb.create_table(
        TableName=_NAME,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "kind")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    text = "x" * (_ITEM_BYTES - len("id" + "000" + "kind" + "a" + "text"))
    for number in range(_ITEMS):
        item = {"id": {"S": f"{number:03}"}, "kind": {"S": "a"}, "text": {"S": text}}
        dynamodb.put_item(TableName=_NAME, Item=item)
    return dynamodb


def _units(answer: Any) -> float:
    return float(answer["ConsumedCapacity"]["CapacityUnits"])


def test_stock_still_counts_every_read_alike(stock: Emulator) -> None:
    dynamodb = _table(stock)
    page = dynamodb.scan(TableName=_NAME, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    asked = {_NAME: {"Keys": _KEYS}}
    batch = dynamodb.batch_get_item(RequestItems=asked, ReturnConsumedCapacity="TOTAL")
    assert _units(page) == 1, "upstream counts pages: delete gap_read_capacity"
    assert "ConsumedCapacity" not in batch, "upstream counts batches: gap_read_capacity need not"


def test_reads_cost_what_they_read(filled: Emulator) -> None:
    dynamodb = _table(filled)

    def scan(**more: Any) -> Any:
        return dynamodb.scan(TableName=_NAME, ReturnConsumedCapacity="INDEXES", **more)

    page = scan(ConsistentRead=True)
    assert page["Count"] == 1024 * 1024 // _ITEM_BYTES
    assert 255 <= _units(page) <= 256
    assert page["ConsumedCapacity"]["Table"]["CapacityUnits"] == _units(page)
    assert _units(scan()) == _units(page) / 2
    assert _units(scan(Limit=3, ConsistentRead=True)) == 4, "15,000 bytes, rounded up once"
    unseen = scan(Limit=3, ConsistentRead=True, FilterExpression="attribute_not_exists(id)")
    assert (unseen["Count"], _units(unseen)) == (0, 4), "what a filter drops was read all the same"
    index = scan(IndexName="by-kind", Limit=3)
    assert _units(index) == 0.5, "an entry of the index holds keys alone"
    key = {"TableName": _NAME, "Key": _KEYS[0], "ReturnConsumedCapacity": "TOTAL"}
    assert _units(dynamodb.get_item(**key, ConsistentRead=True)) == 2
    assert _units(dynamodb.get_item(**{**key, "Key": {"id": {"S": "none"}}})) == 0.5


def test_a_batch_rounds_each_item_up(filled: Emulator) -> None:
    dynamodb = filled.client("dynamodb")
    asked = {_NAME: {"Keys": [*_KEYS[:2], {"id": {"S": "none"}}], "ConsistentRead": True}}
    answer = dynamodb.batch_get_item(RequestItems=asked, ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"] == [{"TableName": _NAME, "CapacityUnits": 5, "Table": {"CapacityUnits": 5}}]
    assert "ConsumedCapacity" not in dynamodb.batch_get_item(RequestItems=asked)
