"""Items of two tables: compared one by one, and the condition under which one may be written over another."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from harness.aws.missing import refusing
from harness.operate.deployed import Table

Item = Mapping[str, Any]
Key = tuple[tuple[str, Any], ...]
"""Values of the key attributes, each with its type: what tells an item from every other of its table."""
Items = Mapping[Key, Item]

# DynamoDB never deletes what "expired" longer ago: such a number is a date or a count, and no time to live.
_OLDEST_SECONDS = 5 * 365.25 * 86400

# AWS answers the values of a set in any order ("Supported data types and naming rules", DynamoDB Developer Guide).
_SETS = ("SS", "NS", "BS")


class Kind(StrEnum):
    """Kinds of a record of the table or the copy, seen beside the other.

    ``MISSING``: in the copy, gone from the table. ``CHANGED``: in both, with other attributes. ``LATER``: in the
    table, not in the copy. ``EXPIRED``: in one of them alone, and past its time to live: nobody misses it. ``EQUAL``:
    the same in both.
    """

    MISSING = "missing"
    CHANGED = "changed"
    LATER = "later"
    EXPIRED = "expired"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class Difference:
    """Numbers of records that tell the live table from the copy, by :class:`Kind`; of the expired those in the copy."""

    missing: int = 0
    changed: int = 0
    later: int = 0
    expired: int = 0
    equal: int = 0

    @property
    def none(self) -> bool:
        """Tell whether the table is as the copy."""
        return not (self.missing or self.changed or self.later)

    def counts(self) -> dict[str, int]:
        """Count each kind, for reports: never a value."""
        return asdict(self)


def read_items(client: Any, table: Table) -> dict[Key, Item]:
    """Read every record of a small table into memory, by its key: what a drill will damage.

    Raises:
        HarnessError: AWS refuses.
    """
    found: dict[Key, Item] = {}
    with refusing(f"cannot read table {table.name}", "check that it exists and may be read"):
        for page in client.get_paginator("scan").paginate(TableName=table.name, ConsistentRead=True):
            found.update((key_of(table, item), item) for item in page["Items"])
    return found


def key_of(table: Table, item: Item) -> Key:
    """Return the key of a record of ``table``."""
    return tuple(next(iter(item[name].items())) for name in table.key)


def shown_key(key: Key) -> str:
    """Return a key for a person: hash key, and range key where there is one."""
    return " / ".join(str(value) for _, value in key)


def kind_of(table: Table, live: Item | None, copy: Item | None, now: float) -> Kind:
    """Tell what a record is, by what the table and the copy hold under its key.

    Args:
        now: epoch seconds; what expired before is not missed.
    """
    if live is not None and copy is not None:
        return Kind.EQUAL if live == copy or _in_order(live) == _in_order(copy) else Kind.CHANGED
    if _expired(table, live or copy or {}, now):
        return Kind.EXPIRED
    return Kind.LATER if copy is None else Kind.MISSING


def compare(table: Table, live: Items, copy: Items, now: float) -> Difference:
    """Count what tells a table from a copy, both small enough to be held; see :func:`kind_of`."""
    found = Counter(kind_of(table, live.get(key), copy[key], now) for key in copy)
    later = (kind_of(table, live[key], None, now) for key in live.keys() - copy.keys())
    return difference_of(found + Counter(kind for kind in later if kind is Kind.LATER))


def difference_of(found: Mapping[Kind, int]) -> Difference:
    """Return the numbers of each kind."""
    return Difference(**{kind.value: found.get(kind, 0) for kind in Kind})


def condition(table: Table, seen: Item | None, wanted: Item | None) -> dict[str, Any]:
    """Return the parameters that make a write hold only for a record that is still ``seen``; ``None`` is no record.

    Attributes that only ``wanted`` has must still be absent; one that neither has goes unseen, which no write of the
    service adds without changing another.
    """
    if seen is None:
        # By a placeholder: a key may bear one of DynamoDB's reserved words.
        return {"ConditionExpression": "attribute_not_exists(#key)", "ExpressionAttributeNames": {"#key": table.key[0]}}
    absent = sorted((wanted or {}).keys() - seen.keys())
    names = {f"#a{position}": name for position, name in enumerate([*sorted(seen), *absent])}
    values = {f":v{position}": seen[name] for position, name in enumerate(sorted(seen))}
    parts = [f"#a{position} = :v{position}" for position in range(len(seen))]
    parts += [f"attribute_not_exists(#a{len(seen) + position})" for position in range(len(absent))]
    return {
        "ConditionExpression": " AND ".join(parts),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def as_parameter(table: Table, key: Key) -> dict[str, dict[str, Any]]:
    """Return a key as DynamoDB's operations take it."""
    return {name: {kind: value} for name, (kind, value) in zip(table.key, key, strict=True)}


def _in_order(value: Any) -> Any:
    """Return attributes, or what is in one of them, with every set in one order; a list keeps its own."""
    if isinstance(value, Mapping):
        # Only an attribute holds a list; one that is called as a type holds a mapping.
        sets = {name: sorted(of) for name, of in value.items() if name in _SETS and isinstance(of, list)}
        return {name: sets.get(name) or _in_order(of) for name, of in value.items()}
    return [_in_order(one) for one in value] if isinstance(value, list) else value


def _expired(table: Table, item: Item, now: float) -> bool:
    held = item.get(table.ttl_attribute, {}).get("N") if table.ttl_attribute else None
    return held is not None and now - _OLDEST_SECONDS < float(held) <= now
