"""Save services whose state is small: whole, but only records that changed.

A service is asked for its state only when a fingerprint of what that state is made of changed. The fingerprint covers
every global that ``get_state`` reads, itself or through functions it calls; pickling them costs a tenth of the copy
that ``get_state`` makes, and code, of which there may be much, counts by its hash, which Python keeps with it. The
format of a record is ministack's own, so its own restore reads it.
"""

import json
import logging
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

from ministack import app as ministack
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

from harness.localaws.durable_store import Store

State = Mapping[str, Any]
_SCOPED = (AccountRegionScopedDict, AccountScopedDict)
# Hold the zips of functions. A look through any other service would take longer than pickling it whole.
_WITH_CODE = ("lambda",)
_ATTEMPTS = 5  # a worker thread may change a dictionary while it is being read


def encode(value: Any) -> str:
    """Write a value as ministack's own save does."""
    return json.dumps(value, default=persistence._json_default, separators=(",", ":"))


def decode(text: str) -> Any:
    """Read a value that ``encode`` wrote."""
    return json.loads(text, object_hook=persistence._json_object_hook if '"__' in text else None)


def steady(read: Callable[[], Any]) -> Any:
    """Read what worker threads may change meanwhile: again, if one did.

    Raises:
        RuntimeError: it changed at each attempt.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return read()
        except RuntimeError:
            continue
    return read()


@cache
def _made_of(get_state: Any) -> tuple[tuple[dict[str, Any], str], ...]:
    """List the globals that a function reads, itself or through functions it calls: their module and name."""
    found: dict[tuple[int, str], tuple[dict[str, Any], str]] = {}
    seen: list[Any] = []
    functions = [get_state]
    while functions:
        function = functions.pop()
        if function in seen:
            continue
        seen.append(function)
        if isinstance(function, partial):  # of a fill
            functions += [one for one in (function.func, *function.args) if isinstance(one, (FunctionType, partial))]
            continue
        for name in _names(function.__code__):
            value = function.__globals__.get(name)
            if isinstance(value, (FunctionType, partial)):
                functions.append(value)
            elif value is not None and not callable(value) and not isinstance(value, (ModuleType, logging.Logger)):
                found[id(function.__globals__), name] = (function.__globals__, name)
    return tuple(found.values())


def _names(code: CodeType) -> Iterator[str]:
    """List the names that code looks up, functions inside it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _fingerprint(read: Callable[[], Any]) -> int | None:
    """Reduce a value to a number that differs when the value does; None for a value that cannot be pickled."""
    try:
        return hash(pickle.dumps(read(), protocol=5))
    except (TypeError, AttributeError, pickle.PicklingError):
        return None


@dataclass(slots=True)
class Services:
    """Saves services, and remembers what is on disk of each.

    Attributes:
        partial: state of services of which only a part is small, by service; the others are asked themselves.
    """

    partial: Mapping[str, Callable[[], State]]
    _fingerprints: dict[str, int | None] = field(default_factory=dict)
    _saved: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)

    def save(self, store: Store) -> None:
        """Write the records that changed, and delete those that are gone."""
        for service, get_state in ministack._build_persistence_save_dict().items():
            part = self.partial.get(service)
            fingerprint = steady(partial(_fingerprint, part or partial(_values, get_state, service in _WITH_CODE)))
            if fingerprint is None or fingerprint != self._fingerprints.get(service):
                state = steady(part or get_state)
                if state is not None:
                    self._write(store, service, state)
                self._fingerprints[service] = fingerprint

    def failed(self) -> None:
        """Trust nothing that was written since the last success: everything is written anew next time."""
        self._fingerprints.clear()
        self._saved.clear()

    def _write(self, store: Store, service: str, state: State) -> None:
        before = self._saved.get(service)
        if before is None:
            for section in store.sections(f"{service}/"):
                store.clear(section)
            before = {}
        now: dict[tuple[str, str], int] = {}
        for section, key, text in _records(store, service, state):
            now[section, key] = hash(text)
            if before.get((section, key)) != now[section, key]:
                store.put(section, key, text)
        for section, key in before.keys() - now.keys():
            store.delete(section, key)
        self._saved[service] = now


def _values(get_state: Any, with_code: bool) -> list[Any]:
    values = [names[name] for names, name in _made_of(get_state)]
    values = [value._data if isinstance(value, _SCOPED) else value for value in values]
    return [_without_code(value) for value in values] if with_code else values


def _without_code(value: Any) -> Any:
    """Copy dictionaries and lists, with a hash in place of bytes; all else stays."""
    if isinstance(value, bytes):
        return hash(value)
    if isinstance(value, dict):
        return {key: _without_code(one) for key, one in value.items()}
    return [_without_code(one) for one in value] if isinstance(value, list) else value


def _records(store: Store, service: str, state: State) -> Iterator[tuple[str, str, str]]:
    """List section, key and text of each record of a service; sections without one are noted, too."""
    for name, value in state.items():
        if not isinstance(value, _SCOPED):
            yield f"{service}/{name}/", "", steady(partial(encode, value))
            continue
        parts = steady(partial(persistence._json_default, value))
        data = parts.pop("data")
        section = f"{service}/{name}/{next(iter(parts))}"
        store.name(section)
        for key, record in data.items():
            yield section, key, steady(partial(encode, record))


def read(store: Store, service: str) -> dict[str, Any]:
    """Read a service's state; empty when none was saved."""
    state: dict[str, Any] = {}
    for section in store.sections(f"{service}/"):
        _, name, kind = section.split("/")
        records = {key: decode(text) for key, text in store.records(section)}
        if kind:
            state[name] = persistence._json_object_hook({kind: True, "data": records})
        elif "" in records:
            state[name] = records[""]
    return state
