"""The items of two tables: compared one by one, and written back on condition that nothing changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import botocore.exceptions

from harness.base.errors import HarnessError
from harness.operate.recovery.request import Mode

Item = Mapping[str, Any]
Items = Mapping[str, Item]

_KEY = "id"
_EXPIRES = "expires_at"
# A restore must leave room for the service: 8 writers are far below the table's cap of write units.
_WRITERS = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """What tells the live table from the copy, by key.

    Attributes:
        missing: in the copy, gone from the table.
        changed: in both, with other attributes.
        later: in the table, not in the copy.
        expired: gone from the table, and past their time to live: nobody misses them.
        equal: how many are the same in both.
    """

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    equal: int = 0

    @property
    def none(self) -> bool:
        """Whether the table is as the copy."""
        return not (self.missing or self.changed or self.later)

    def counts(self) -> dict[str, int]:
        """How many of each, for reports: never a value."""
        return {
            "missing": len(self.missing),
            "changed": len(self.changed),
            "later": len(self.later),
            "expired": len(self.expired),
            "equal": self.equal,
        }


@dataclass(frozen=True, slots=True)
class Written:
    """How writing back went.

    Attributes:
        done: items written or deleted.
        refused: keys that somebody else wrote between the comparison and the write; left as they are.
    """

    done: int = 0
    refused: tuple[str, ...] = field(default=())


def read_items(client: Any, table: str) -> dict[str, Item]:
    """Read every record of a table by its key: items and idempotency records alike.

    Raises:
        HarnessError: AWS refuses.
    """
    found: dict[str, Item] = {}
    try:
        for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            found.update((item[_KEY]["S"], item) for item in page["Items"])
    except botocore.exceptions.ClientError as error:
        raise HarnessError(f"cannot read table {table}: {error}", "check that it exists and may be read") from error
    return found


def compare(live: Items, copy: Items, now: float) -> Difference:
    """What writing ``copy`` back would have to change.

    Args:
        live: the table.
        copy: what it held.
        now: epoch seconds; what expired before is not missed.
    """
    gone = sorted(copy.keys() - live.keys())
    expired = tuple(key for key in gone if _expired(copy[key], now))
    both = copy.keys() & live.keys()
    changed = tuple(sorted(key for key in both if copy[key] != live[key]))
    return Difference(
        missing=tuple(key for key in gone if key not in set(expired)),
        changed=changed,
        later=tuple(sorted(key for key in live.keys() - copy.keys() if not _expired(live[key], now))),
        expired=expired,
        equal=len(both) - len(changed),
    )


def write_back(client: Any, table: str, live: Items, copy: Items, difference: Difference, mode: Mode) -> Written:
    """Write the copy's items into the table, each only if it is still as it was compared.

    Raises:
        HarnessError: AWS refuses; what was written stays, and the same command goes on.
    """
    keys: Iterable[str] = difference.missing
    if mode is Mode.EXACT:
        keys = (*difference.missing, *difference.changed, *difference.later)
    with ThreadPoolExecutor(_WRITERS) as pool:
        outcomes = dict(pool.map(lambda key: (key, _write(client, table, key, live.get(key), copy.get(key))), keys))
    return Written(sum(outcomes.values()), tuple(sorted(key for key, written in outcomes.items() if not written)))


def condition(seen: Item | None, wanted: Item | None) -> dict[str, Any]:
    """The parameters that make a write hold only for a record that is still ``seen``; ``None`` is no record.

    Attributes that only ``wanted`` has must still be absent; one that neither has goes unseen, which no write of the
    service adds without changing another.
    """
    if seen is None:
        return {"ConditionExpression": f"attribute_not_exists({_KEY})"}
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


def _write(client: Any, table: str, key: str, seen: Item | None, wanted: Item | None) -> bool:
    try:
        if wanted is None:
            client.delete_item(TableName=table, Key={_KEY: {"S": key}}, **condition(seen, wanted))
        else:
            client.put_item(TableName=table, Item=wanted, **condition(seen, wanted))
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise HarnessError(
            f"writing back to {table} stopped: {error}", "mend it and run the same command again: it goes on"
        ) from error
    return True


def _expired(item: Item, now: float) -> bool:
    return _EXPIRES in item and float(item[_EXPIRES]["N"]) <= now
