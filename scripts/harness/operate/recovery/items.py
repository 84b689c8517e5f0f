"""Items of two tables: compared one by one, and written back on condition that nothing changed meanwhile."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from harness.aws.missing import error_code, refusing
from harness.base.errors import HarnessError
from harness.operate.deployed import Table
from harness.operate.recovery.request import Mode

Item = Mapping[str, Any]
Key = tuple[tuple[str, Any], ...]
"""Values of the key attributes, each with its type: what tells an item from every other of its table."""
Items = Mapping[Key, Item]

# DynamoDB never deletes what "expired" longer ago: such a number is a date or a count, and no time to live.
_OLDEST_SECONDS = 5 * 365.25 * 86400
# A restore must leave room for the service: 8 writers are far below the table's cap of write units.
_WRITERS = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """Records that tell the live table from the copy, by key.

    Attributes:
        missing: in the copy, gone from the table.
        changed: in both, with other attributes.
        later: in the table, not in the copy.
        expired: gone from the table, and past their time to live: nobody misses them.
        equal: how many are the same in both.
    """

    missing: tuple[Key, ...] = ()
    changed: tuple[Key, ...] = ()
    later: tuple[Key, ...] = ()
    expired: tuple[Key, ...] = ()
    equal: int = 0

    @property
    def none(self) -> bool:
        """Tell whether the table is as the copy."""
        return not (self.missing or self.changed or self.later)

    def counts(self) -> dict[str, int]:
        """Count each kind, for reports: never a value."""
        return {
            "missing": len(self.missing),
            "changed": len(self.changed),
            "later": len(self.later),
            "expired": len(self.expired),
            "equal": self.equal,
        }


@dataclass(frozen=True, slots=True)
class Written:
    """Outcome of writing back.

    Attributes:
        done: items written or deleted.
        refused: keys that somebody else wrote between the comparison and the write; left as they are.
    """

    done: int = 0
    refused: tuple[Key, ...] = field(default=())


def read_items(client: Any, table: Table, name: str = "") -> dict[Key, Item]:
    """Read every record of a table, or of a copy called ``name``, by its key: items and whatever else is kept there.

    Raises:
        HarnessError: AWS refuses.
    """
    found: dict[Key, Item] = {}
    name = name or table.name
    with refusing(f"cannot read table {name}", "check that it exists and may be read"):
        for page in client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
            found.update((key_of(table, item), item) for item in page["Items"])
    return found


def key_of(table: Table, item: Item) -> Key:
    """Return the key of a record of ``table``."""
    return tuple(next(iter(item[name].items())) for name in table.key)


def shown_key(key: Key) -> str:
    """Return a key for a person: hash key, and range key where there is one."""
    return " / ".join(str(value) for _, value in key)


def compare(table: Table, live: Items, copy: Items, now: float) -> Difference:
    """List what writing ``copy`` back would have to change.

    Args:
        live: what it holds.
        copy: what it held.
        now: epoch seconds; what expired before is not missed.
    """
    gone = copy.keys() - live.keys()
    expired = {key for key in gone if _expired(table, copy[key], now)}
    both = copy.keys() & live.keys()
    changed = tuple(sorted(key for key in both if copy[key] != live[key]))
    return Difference(
        missing=tuple(sorted(gone - expired)),
        changed=changed,
        later=tuple(sorted(key for key in live.keys() - copy.keys() if not _expired(table, live[key], now))),
        expired=tuple(sorted(expired)),
        equal=len(both) - len(changed),
    )


def write_back(client: Any, table: Table, live: Items, copy: Items, difference: Difference, mode: Mode) -> Written:
    """Write the copy's items into the table, each only if it is still as it was compared.

    Raises:
        HarnessError: AWS refuses; what was written stays, and the same command goes on.
    """
    keys: Iterable[Key] = difference.missing
    if mode is Mode.EXACT:
        keys = (*difference.missing, *difference.changed, *difference.later)
    with ThreadPoolExecutor(_WRITERS) as pool:
        outcomes = dict(pool.map(lambda key: (key, _write(client, table, key, live.get(key), copy.get(key))), keys))
    return Written(sum(outcomes.values()), tuple(sorted(key for key, written in outcomes.items() if not written)))


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


def _write(client: Any, table: Table, key: Key, seen: Item | None, wanted: Item | None) -> bool:
    terms = condition(table, seen, wanted)
    try:
        with refusing(f"writing back to {table.name} stopped", "mend it and run the same command again: it goes on"):
            if wanted is None:
                client.delete_item(TableName=table.name, Key=as_parameter(table, key), **terms)
            else:
                client.put_item(TableName=table.name, Item=wanted, **terms)
    except HarnessError as error:
        if error_code(error.__cause__) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def as_parameter(table: Table, key: Key) -> dict[str, dict[str, Any]]:
    """Return a key as DynamoDB's operations take it."""
    return {name: {kind: value} for name, (kind, value) in zip(table.key, key, strict=True)}


def _expired(table: Table, item: Item, now: float) -> bool:
    held = item.get(table.ttl_attribute, {}).get("N") if table.ttl_attribute else None
    return held is not None and now - _OLDEST_SECONDS < float(held) <= now
