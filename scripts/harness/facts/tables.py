"""Tables of a service, as its service.yaml states them: keys, indexes, and how requests load them."""

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from harness.facts.reading import FactError

SHARDS = "shards"
"""First word of what a function's variable holds when that is a number of shards: ``shards:TABLE/read``."""


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An attribute that a table or an index is keyed by."""

    name: str
    type: Literal["string", "number", "binary"] = "string"

    @property
    def code(self) -> str:
        """The type as DynamoDB writes it."""
        return self.type[0].upper()


class Units(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most request units that one request takes."""

    read: float = 0
    write: float = 0


PARTITION = Units(read=3000, write=1000)
"""The most units a second of one partition (DynamoDB Developer Guide, "Best practices for designing and using partition
keys effectively")."""


class Shards(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers of shards: those that a list reads, and those that new entries go to."""

    read: int
    write: int


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A global secondary index.

    Attributes:
        per_request: units by operation, as ``GET /health``.
        key_values: values of the hash key that share the load at any time, or ``shards``: as many as the table says.
    """

    hash_key: Key
    per_request: dict[str, Units]
    range_key: Key | None = None
    projection: Literal["ALL", "KEYS_ONLY"] = "ALL"
    key_values: int | Literal["shards"] = 1


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the service.

    Attributes:
        per_request: as for an index.
        key_values: values of the hash key that share the load at any time; ``None``: one where there is a range key,
            and as many as needed where the hash key alone finds an item.
        shards: of its indexes.
    """

    hash_key: Key
    per_request: dict[str, Units]
    range_key: Key | None = None
    ttl_attribute: str | None = None
    stream_view_type: Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] | None = None
    indexes: dict[str, Index] = {}
    key_values: int | None = None
    shards: Shards | None = None

    @property
    def spread(self) -> int | None:
        """Count the values of the hash key that share the load; ``None``: as many as needed."""
        return 1 if self.key_values is None and self.range_key is not None else self.key_values

    def spread_of(self, index: Index) -> int:
        """Count the values of an index's hash key that share what is written and read."""
        if isinstance(index.key_values, int):
            return index.key_values
        return self.shards.write if self.shards else 1


def dearest(per_request: Mapping[str, Units]) -> Units:
    """Return the most units of one request, whatever the operation, as envs/shared/derived.tf caps by them."""
    reads, writes = ([getattr(one, way) for one in per_request.values()] for way in ("read", "write"))
    return Units(max(reads, default=0), max(writes, default=0))


def mixed(per_request: Mapping[str, Units], shares: Mapping[str, float]) -> Units:
    """Return the units of the average request.

    Args:
        shares: of each operation, 0 to 1. Of one that is not in it nothing is known, and all requests count as its.
    """
    if not shares:
        return dearest(per_request)
    return Units(
        sum(shares.get(operation, 1) * units.read for operation, units in per_request.items()),
        sum(shares.get(operation, 1) * units.write for operation, units in per_request.items()),
    )


def shard_variables(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """List a service's variables that hold numbers of shards: table -> ``read`` or ``write`` -> variable."""
    found: dict[str, dict[str, str]] = {}
    for variable, symbol in environment.items():
        if symbol.startswith(f"{SHARDS}:"):
            table, way = shard_symbol(symbol)
            found.setdefault(table, {})[way] = variable
    return found


def shard_symbol(symbol: str) -> tuple[str, str]:
    """Return the table and ``read`` or ``write`` of ``shards:TABLE/read``."""
    table, _, way = symbol.partition(":")[2].partition("/")
    return table, way


def shard_number(value: object) -> int | None:
    """Read a variable's text as a number of shards; ``None``: it is none."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else None


def check_tables(
    place: str, tables: Mapping[str, Table], environment: Mapping[str, str], routes: Collection[str]
) -> None:
    """Check what the structure of a service.yaml does not tell.

    Args:
        place: the file, as messages show it.
        environment: the service's variables, by name.
        routes: operations of its contract; empty when it has none: then their names are its own affair.

    Raises:
        FactError: shards that hide what is written, key values or units that are no numbers of something, an operation
            that the contract does not have, a variable for shards that no table of the service states.
    """
    for name, table in tables.items():
        where = f"{place} (tables.{name}"
        _check_shards(where, table)
        parts: dict[str, Table | Index] = {where: table}
        parts |= {f"{where}.indexes.{index}": one for index, one in table.indexes.items()}
        for part, of in parts.items():
            if isinstance(of.key_values, int) and of.key_values < 1:
                raise FactError(f"{part}.key_values): {of.key_values} share no load", "give 1 or more")
            _check_units(f"{part}.per_request", of.per_request, routes)
    known = {f"{SHARDS}:{name}/{way}" for name, table in tables.items() if table.shards for way in ("read", "write")}
    for variable, symbol in environment.items():
        if symbol.startswith(f"{SHARDS}:") and symbol not in known:
            said = f"{place} (environment.{variable}): no table states {symbol}"
            raise FactError(said, f"use one of: {', '.join(sorted(known))}" if known else "give the table shards")


def _check_shards(where: str, table: Table) -> None:
    shards = table.shards
    if shards is None and (
        index := next((name for name, one in table.indexes.items() if one.key_values == SHARDS), "")
    ):
        said = f"{where}.indexes.{index}.key_values): the table states no shards"
        raise FactError(said, "give it shards: {read: N, write: N}")
    if shards is not None and not 1 <= shards.write <= shards.read:
        said = f"{where}.shards): write {shards.write}, read {shards.read}: what is written to a shard that is not read"
        raise FactError(f"{said} is in no list", "use 1 <= write <= read")


def _check_units(place: str, per_request: Mapping[str, Units], routes: Collection[str]) -> None:
    if routes and (unknown := sorted(per_request.keys() - set(routes))):
        said = f"{place}): the contract has no {', '.join(unknown)}"
        raise FactError(said, f"use one of: {', '.join(sorted(routes))}")
    if less := sorted(name for name, units in per_request.items() if not (units.read >= 0 and units.write >= 0)):
        raise FactError(f"{place}): {', '.join(less)} takes less than nothing", "give 0 units or more")
