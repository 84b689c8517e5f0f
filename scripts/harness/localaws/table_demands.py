"""Request units that DynamoDB requests take, from the request, ministack's tables and a rehearsal.

"DynamoDB read and write operations", "Using Global Secondary Indexes in DynamoDB" and "Managing complex workflows with
DynamoDB transactions" (capacity management), Amazon DynamoDB Developer Guide: sizes are rounded up an item at a time,
for a query or scan once for all it evaluates, before any filter; transactions take twice as much of the table; a write
whose condition fails takes what it would have taken of the table, and nothing of an index; a transaction that is sent
again with its token is a read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services import dynamodb

from harness.localaws.rehearsal import Rehearsal
from harness.localaws.throughput import Demand, Direction, Entry, Resource, entry_writes, read_units, write_units

_KINDS = ("Put", "Delete", "Update", "ConditionCheck", "Get")


@dataclass(frozen=True, slots=True)
class Part:
    """A request for one item, or a query or scan as a whole.

    Attributes:
        table: name of the table, as the request gives it.
        member: the part of the request, where it has several.
        demands: what it takes.
    """

    table: str
    member: Any
    demands: tuple[Demand, ...]


def parts(operation: str, data: Any, rehearsal: Rehearsal) -> list[Part]:
    """List what a request takes, part by part; nothing when it is refused before it gets to any item."""
    status, _, body = rehearsal.answer
    if status != 200 and b"ConditionalCheckFailed" not in body:
        return []
    done = status == 200
    if operation in ("Query", "Scan"):
        return [Part(data["TableName"], data, tuple(_evaluated(data, rehearsal.read)))]
    if operation == "TransactWriteItems" and done and not rehearsal.written and _writes(data):
        return [_got(table, member, asked, consistent=True, factor=2) for table, member, _, asked in _members(data)]
    factor = 2 if operation.startswith("Transact") else 1
    return [
        _got(table, member, asked, consistent=factor == 2 or asked.get("ConsistentRead", False), factor=factor)
        if kind == "Get"
        else _put(table, member, kind, asked, rehearsal, done=done, factor=factor)
        for table, member, kind, asked in _requests(operation, data)
    ]


def _writes(data: Any) -> bool:
    return any(kind != "ConditionCheck" for _, _, kind, _ in _members(data))


def _members(data: Any) -> Iterator[tuple[str, Any, str, Any]]:
    """List the members of a transaction: table, member, kind, what it asks for."""
    for member in data["TransactItems"]:
        kind = next(kind for kind in _KINDS if kind in member)
        yield member[kind]["TableName"], member, kind, member[kind]


def _requests(operation: str, data: Any) -> Iterable[tuple[str, Any, str, Any]]:
    """List a request's parts: table, member, kind, what it asks for."""
    if operation.startswith("Transact"):
        return _members(data)
    if operation == "BatchGetItem":
        return [
            (table, key, "Get", {"Key": key, "ConsistentRead": asked.get("ConsistentRead", False)})
            for table, asked in data["RequestItems"].items()
            for key in asked["Keys"]
        ]
    if operation == "BatchWriteItem":
        return [
            (table, member, "Put" if "PutRequest" in member else "Delete", next(iter(member.values())))
            for table, members in data["RequestItems"].items()
            for member in members
        ]
    return [(data["TableName"], data, operation.removesuffix("Item"), data)]


def _table(name: str) -> Any:
    return dynamodb._tables[dynamodb._normalize_table_name(name)]


def _key(table: Any, item: Any) -> Any:
    return dynamodb._extract_key_val(item[table["pk_name"]])


def size_of(item: Any) -> int:
    """Return the bytes that ministack counts of an item, 0 for none."""
    return int(dynamodb._item_size_bytes(item)) if item else 0


def _got(name: str, member: Any, asked: Any, *, consistent: bool, factor: int) -> Part:
    table, key = _table(name), asked.get("Key") or asked["Item"]
    units = factor * read_units(size_of(dynamodb._get_item_by_key(table, key)), consistent=consistent)
    return Part(name, member, (Demand(Resource(table["TableArn"]), _key(table, key), Direction.READ, units),))


def _put(name: str, member: Any, kind: str, asked: Any, rehearsal: Rehearsal, *, done: bool, factor: int) -> Part:
    table, key = _table(name), asked["Item"] if kind == "Put" else asked["Key"]
    before = dynamodb._get_item_by_key(table, key)
    place = (table["TableArn"], _key(table, key), _sort(table, key))
    after = {"Put": asked.get("Item"), "Delete": None}.get(kind, rehearsal.written.get(place, before))
    resource, own = Resource(table["TableArn"]), _key(table, key)
    units = factor * write_units(max(size_of(before), size_of(after)))
    demands = [Demand(resource, own, Direction.WRITE, units)]
    if done:
        demands += _index_demands(table, own, before, after)
    return Part(name, member, tuple(demands))


def _sort(table: Any, key: Any) -> Any:
    return dynamodb._extract_key_val(key.get(table["sk_name"])) if table["sk_name"] else "__no_sort__"


def _index_demands(table: Any, own: Any, before: Any, after: Any) -> Iterator[Demand]:
    """List what the indexes take of a change. A local index lies in the partition of the table's own key value."""
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for index in table.get(kind) or []:
            local = kind.startswith("Local")
            resource = Resource(table["TableArn"], "" if local else index["IndexName"])
            for key, units in entry_writes(_entry(table, index, before), _entry(table, index, after)):
                yield Demand(resource, own if local else key, Direction.WRITE, units)


def _entry(table: Any, index: Any, item: Any) -> Entry | None:
    found = dynamodb._index_write_view(table, index, item)
    if found is None:
        return None
    place, content = found
    return Entry(dynamodb._index_partition(item, *dynamodb._index_key_lists(index)), place, content, size_of(content))


def _evaluated(data: Any, items: list[Any]) -> Iterator[Demand]:
    """List what a query or scan takes of each key value, by the share of what it evaluates."""
    table, name = _table(data["TableName"]), data.get("IndexName")
    index = dynamodb._index_def(table, name) if name else None
    is_global = index is not None and index in (table.get("GlobalSecondaryIndexes") or [])
    hashes = dynamodb._index_key_lists(index)[0] if is_global else [table["pk_name"]]
    resource = Resource(table["TableArn"], name if is_global else "")
    sizes: dict[Any, int] = {_asked(data, hashes): 0} if "KeyConditionExpression" in data else {}
    for item in items:
        key = tuple(dynamodb._extract_key_val(item[one]) for one in hashes)
        seen = dynamodb._apply_index_projection(item, table, name) if name else item
        sizes[key] = sizes.get(key, 0) + size_of(seen)
    units = read_units(sum(sizes.values()), consistent=bool(data.get("ConsistentRead")))
    for key, share in _shares(sizes or {(): 0}).items():
        yield Demand(resource, key[0] if len(key) == 1 else key, Direction.READ, units * share)


def _asked(data: Any, hashes: list[str]) -> tuple[Any, ...]:
    """Read the key values that a query asks for."""
    names, values = data.get("ExpressionAttributeNames") or {}, data.get("ExpressionAttributeValues") or {}
    condition = data["KeyConditionExpression"]
    return tuple(dynamodb._extract_pk_from_condition(condition, values, names, one) for one in hashes)


def _shares(sizes: Mapping[Any, int]) -> dict[Any, float]:
    whole = sum(sizes.values())
    return {key: size / whole if whole else 1 / len(sizes) for key, size in sizes.items()}
