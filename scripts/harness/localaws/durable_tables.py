"""Save DynamoDB's items one by one, so that a write costs the same whatever its table holds.

Of each change only the key is noted; what is saved is the item that the table holds by then. What a table keeps for
point-in-time recovery and the records of its stream only ever grow at their end, and that end is saved.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb

from harness.localaws.durable_services import decode, encode
from harness.localaws.durable_store import Entry, Store
from harness.localaws.patching import wraps

SERVICE = "dynamodb"
_NAMES = (
    *("tags", "ttl_settings", "pitr_settings", "kinesis_destinations", "contributor_insights"),
    *("resource_policies", "exports", "imports"),
)
_APART = frozenset({"items", dynamodb._INDEX_MEMBERS, "ItemCount", "TableSizeBytes"})
"""Of a table, what is saved item by item or computed again."""
_KEPT = "_point_in_time"  # see gap_point_in_time
_SNAPSHOT = "_items_snapshot"
_MOST_SECONDS = {"changes": 35 * 86400, "stream": dynamodb._STREAM_RETENTION_SECONDS}
"""Seconds for which a table's past writes may be needed: the longest period of recovery, and DynamoDB Streams'."""
_BASE = ""  # key of a stream's record that counts what was dropped from its front: readers go by their place in it

_Key = tuple[Any, Any]
_Scope = tuple[str, str, str]


def definitions() -> dict[str, Any]:
    """Read all of DynamoDB's state but items, changes and stream records."""
    state = {name: getattr(dynamodb, f"_{name}") for name in _NAMES}
    tables, backups = AccountRegionScopedDict(), AccountRegionScopedDict()
    for scope, table in dynamodb._tables.all_items():
        tables._data[scope] = {name: value for name, value in table.items() if name not in _APART}
        if kept := table.get(_KEPT):
            tables._data[scope][_KEPT] = {name: value for name, value in kept.items() if name != "changes"}
    for scope, backup in dynamodb._backups.all_items():
        backups._data[scope] = {name: value for name, value in backup.items() if name != _SNAPSHOT}
    return {"tables": tables, "backups": backups, **state}


def newer(entries: list[Any], last: Any) -> list[Any] | None:
    """List the entries after ``last``; None when it is not among them."""
    for place in range(len(entries) - 1, -1, -1):
        if entries[place] is last:
            return entries[place + 1 :]
    return list(entries) if last is None else None


def _section(kind: str, scope: _Scope) -> str:
    return f"{kind}/{encode(scope)}"


def _all(items: Any) -> Iterator[tuple[_Key, Any]]:
    for partition, below in list(items.items()):
        for sort, item in list(below.items()):
            yield (partition, sort), item


@dataclass(slots=True)
class _Known:
    """A table that is on disk: ``items`` is its dictionary of items, ``last`` the newest saved entry by kind."""

    table: Any
    items: Any
    last: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Tables:
    """Saves tables, and remembers what is on disk of each and which keys were touched since."""

    _known: dict[_Scope, _Known] = field(default_factory=dict)
    _snapshots: dict[_Scope, Any] = field(default_factory=dict)
    _touched: dict[int, tuple[Any, dict[_Key, None]]] = field(default_factory=dict)
    _before: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def touch(self, table: Any, key: _Key) -> None:
        """Note that the item of a key was put or deleted."""
        with self._lock:
            self._touched.setdefault(id(table), (table, {}))[1][key] = None

    def save_items(self, store: Store) -> None:
        """Write the items of the keys that were touched, with what recovery and streams keep of them."""
        with self._lock:
            touched, self._touched = self._touched, {}
        known = {scope: replace(one, last=dict(one.last)) for scope, one in self._known.items()}
        self._before = known, dict(self._snapshots), touched
        if not touched:
            return
        scopes = {id(known.table): scope for scope, known in self._known.items()}
        for number, (table, keys) in touched.items():
            scope = scopes.get(number)
            if scope is None or self._known[scope].items is not table["items"]:
                self.save_tables(store)  # it is new, or all of its items were replaced
            elif dynamodb._tables._data.get(scope) is table:
                for key in keys:
                    _put(store, _section("items", scope), key, table["items"].get(key[0], {}).get(key[1]))
                self._save_ends(store, scope, table)

    def save_tables(self, store: Store) -> None:
        """Write tables and backups that are new or whose items were replaced; delete those that are gone."""
        tables = dict(dynamodb._tables._data)
        for scope in [scope for scope, known in self._known.items() if tables.get(scope) is not known.table]:
            del self._known[scope]
            _clear(store, scope)
        for scope, table in tables.items():
            if scope not in self._known:
                _clear(store, scope)  # of one that was deleted while nothing could be saved
                self._known[scope] = _Known(table, None)
            if (known := self._known[scope]).items is not table["items"]:
                known.items = table["items"]
                _rewrite(store, _section("items", scope), table["items"])
            self._save_ends(store, scope, table)
        self._save_snapshots(store)

    def failed(self) -> None:
        """Go back to what was on disk before the last save began."""
        self._known, self._snapshots, touched = self._before
        for table, keys in touched.values():
            for key in keys:
                self.touch(table, key)

    def remember(self, scope: _Scope, table: Any) -> None:
        """Note that a table is on disk as it is."""
        last = {kind: entries[-1] for kind, entries in _ends(scope, table) if entries}
        self._known[scope] = _Known(table, table["items"], last)

    def backed_up(self) -> None:
        """Note that the items of backups are on disk as they are."""
        self._snapshots = {scope: backup.get(_SNAPSHOT) for scope, backup in dynamodb._backups.all_items()}

    def _save_ends(self, store: Store, scope: _Scope, table: Any) -> None:
        last = self._known[scope].last
        for kind, entries in _ends(scope, table):
            added = newer(entries, last.get(kind))
            if added is None or (last.get(kind) is not None and not entries):
                store.clear(_section(kind, scope))
                store.put(_section(kind, scope), _BASE, str(dynamodb._stream_trimmed._data.get(scope, 0)))
                added = list(entries)
            if added:
                store.add(_section(kind, scope), [Entry("", time.time(), encode(entry)) for entry in added])
            last[kind] = entries[-1] if entries else None

    def _save_snapshots(self, store: Store) -> None:
        backups = dict(dynamodb._backups._data)
        for scope in self._snapshots.keys() - backups.keys():
            store.clear(_section("snapshot", scope))
            del self._snapshots[scope]
        for scope, backup in backups.items():
            if self._snapshots.get(scope) is not backup.get(_SNAPSHOT):
                self._snapshots[scope] = backup.get(_SNAPSHOT)
                _rewrite(store, _section("snapshot", scope), backup.get(_SNAPSHOT) or {})


def _ends(scope: _Scope, table: Any) -> Iterator[tuple[str, list[Any]]]:
    yield "changes", (table.get(_KEPT) or {}).get("changes") or []
    yield "stream", dynamodb._stream_records._data.get(scope) or []


def _clear(store: Store, scope: _Scope) -> None:
    for kind in ("items", "changes", "stream"):
        store.clear(_section(kind, scope))


def _put(store: Store, section: str, key: _Key, item: Any) -> None:
    if item is None:
        store.delete(section, encode(key))
    else:
        store.put(section, encode(key), encode(item))


def _rewrite(store: Store, section: str, items: Any) -> None:
    store.clear(section)
    for key, item in _all(items):
        _put(store, section, key, item)


def _items(store: Store, section: str) -> dict[Any, dict[Any, Any]]:
    items: dict[Any, dict[Any, Any]] = {}
    for key, text in store.records(section):
        partition, sort = decode(key)
        items.setdefault(partition, {})[sort] = decode(text)
    return items


def _kept(store: Store, kind: str, scope: _Scope) -> tuple[int, list[Any]]:
    """Read what is kept of a table's writes, without what is too old, and count how much was dropped so far."""
    section = _section(kind, scope)
    dropped = int(dict(store.records(section)).get(_BASE, 0)) + store.drop(section, time.time() - _MOST_SECONDS[kind])
    store.put(section, _BASE, str(dropped))
    return dropped, [decode(entry.value) for entry in store.entries(section)]


def complete(store: Store, state: dict[str, Any]) -> None:
    """Add items, changes and backups' items to a state that holds DynamoDB's definitions."""
    for scope, table in state.get("tables", AccountRegionScopedDict()).all_items():
        table["items"] = _items(store, _section("items", scope))
        if kept := table.get(_KEPT):
            _, kept["changes"] = _kept(store, "changes", scope)
    for scope, backup in state.get("backups", AccountRegionScopedDict()).all_items():
        backup[_SNAPSHOT] = _items(store, _section("snapshot", scope))


def restored(store: Store, tables: Tables) -> None:
    """Count items again and read streams, once DynamoDB has its tables back."""
    for scope, table in dynamodb._tables.all_items():
        dynamodb._items_replaced(table)
        dropped, records = _kept(store, "stream", scope)
        if dropped or records:
            dynamodb._stream_trimmed._data[scope] = dropped
            dynamodb._stream_records._data[scope] = records
        tables.remember(scope, table)
    tables.backed_up()


def install(tables: Tables) -> None:
    """Note each item that ministack puts or deletes."""
    for name in ("_set_item", "_remove_item"):

        @wraps(dynamodb, name)
        def _write(write: Any, table: Any, partition: Any, sort: Any, *rest: Any) -> Any:
            before = write(table, partition, sort, *rest)
            tables.touch(table, (partition, sort))
            return before
