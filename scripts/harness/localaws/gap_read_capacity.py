"""Gap: reads do not say what they consume.

Upstream: ``ConsumedCapacity`` of GetItem, Query and Scan is one unit (half of one, eventually consistent) whatever was
read, and BatchGetItem has none. What paces itself by it reads as fast as it can.

AWS: "DynamoDB read and write operations", Amazon DynamoDB Developer Guide: a read unit is a strongly consistent read of
4 KB, or an eventually consistent one of 8 KB. A Query or Scan adds up the items it reads, found by its filter or not,
and rounds the sum up to 4 KB (so a full page of 1 MB is 256 units, or 128); a batch rounds each item up by itself, and
what is not there costs the least. "BatchGetItem", API Reference: ``ConsumedCapacity`` is a list, an entry for each
table.

Fill: units are counted from the sizes of what was read.
"""

import json
from contextvars import ContextVar
from typing import Any

from ministack.services import dynamodb

from harness.localaws.patching import wraps
from harness.localaws.table_demands import size_of
from harness.localaws.throughput import read_units

_page_bytes: ContextVar[int] = ContextVar("_page_bytes", default=0)


def _patch_pages() -> None:
    @wraps(dynamodb, "_paginate_evaluated_items")
    def _paginate_evaluated_items(paginate: Any, items: Any, limit: Any, table: Any, index_name: Any = None) -> Any:
        page, more = paginate(items, limit, table, index_name)
        entries = (dynamodb._apply_index_projection(one, table, index_name) if index_name else one for one in page)
        _page_bytes.set(sum(map(size_of, entries)))
        return page, more

    @wraps(dynamodb, "_add_consumed_capacity")
    def _add_consumed_capacity(add: Any, result: Any, data: Any, name: Any, **of: Any) -> None:
        add(result, data, name, **of)
        if of.get("write") or "ConsumedCapacity" not in result:
            return
        if "Key" in data:
            size = size_of(dynamodb._get_item_by_key(dynamodb._tables[name], data["Key"]))
        else:
            size = _page_bytes.get()
        units = read_units(size, consistent=bool(data.get("ConsistentRead")))
        consumed = result["ConsumedCapacity"]
        _scale(consumed, units / consumed["CapacityUnits"])


def _scale(consumed: dict[str, Any], factor: float) -> None:
    """Multiply every count of units of an answer."""
    for name, value in consumed.items():
        if name == "CapacityUnits":
            consumed[name] = value * factor
        elif isinstance(value, dict):
            _scale(value, factor)


def _of_batch(table: str, asked: Any, detailed: bool) -> dict[str, Any]:
    name = dynamodb._normalize_table_name(table)
    held = dynamodb._tables[name]
    sizes = [size_of(dynamodb._get_item_by_key(held, key)) for key in asked["Keys"]]
    units = sum(read_units(size, consistent=bool(asked.get("ConsistentRead"))) for size in sizes)
    return {"TableName": name, "CapacityUnits": units, **({"Table": {"CapacityUnits": units}} if detailed else {})}


def install() -> None:
    """Patch what ministack's DynamoDB says of the capacity that reads consume."""
    _patch_pages()

    @wraps(dynamodb, "_batch_get_item")
    def _batch_get_item(batch: Any, data: Any) -> Any:
        status, headers, body = batch(data)
        wanted = data.get("ReturnConsumedCapacity", "NONE")
        if status != 200 or wanted == "NONE":
            return status, headers, body
        consumed = [_of_batch(name, asked, wanted == "INDEXES") for name, asked in data["RequestItems"].items()]
        return dynamodb.json_response({**json.loads(body), "ConsumedCapacity": consumed})
