"""Compare two schemas and tell every value that one takes and the other does not.

In a request the schema that is served must be the narrower: what clients send today is sent tomorrow. In an answer it
is the wider: what clients understand today is all that they get. So both are one question, asked in two directions.
Two things are softer than the sets of values: a client ignores fields of an answer that it does not know, and nobody
sends a field of a request before it is described.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.contract.containment import EXCLUSIVE, LIMITS, excluded
from harness.contract.grammar import at, target
from harness.contract.located import mapping, one_line, sequence

Document = Mapping[str, Any]
NOT_UNDERSTOOD = "changed in a way that is not understood"

_FOR_PEOPLE = {"deprecated", "description", "example", "externalDocs", "title", "xml"}
_LISTS = ("allOf", "anyOf")
_COMPARED = {
    *LIMITS,
    *EXCLUSIVE.values(),
    *_LISTS,
    "$ref",
    "additionalProperties",
    "default",
    "items",
    "properties",
    "required",
}
_INSIDE = ("additionalProperties", "items", "not")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not fit.

    Attributes:
        field: place inside the schema, such as ``items[].name``; empty for the schema itself.
    """

    field: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Sides:
    """Both contracts, and the direction in which schemas of them are compared.

    Attributes:
        answers: compare schemas of answers, not of requests.
    """

    served: Document
    wanted: Document
    answers: bool = False
    _seen: set[tuple[str, str]] = field(default_factory=set, compare=False, repr=False)

    def differences(self, served: object, wanted: object, place: str = "") -> Iterator[Difference]:
        """Yield every difference of two schemas, those in and behind them included; equal pairs are told once."""
        pair = text(served), text(wanted)
        if pair in self._seen:
            return
        self._seen.add(pair)
        old, new = resolved(self.served, served), resolved(self.wanted, wanted)
        yield from self._limits(old, new, place)
        yield from self._required(old, new, place)
        yield from self._properties(old, new, place)
        yield from self._others(old, new, place)
        yield from self._parts(old, new, place)
        for name in sorted((old.keys() | new.keys()) - _COMPARED - _FOR_PEOPLE):
            if meaning(self.served, {name: old.get(name)}) != meaning(self.wanted, {name: new.get(name)}):
                yield Difference(place, named(name, old), f"{named(name, new)} ({NOT_UNDERSTOOD})")

    def _limits(self, old: Document, new: Document, place: str) -> Iterator[Difference]:
        narrow, wide = (new, old) if self.answers else (old, new)
        for name, holds in LIMITS.items():
            if not holds(narrow, wide):
                yield Difference(place, *(named(name, one) + ", excluded" * excluded(name, one) for one in (old, new)))
        # What is left out means something else from now on.
        if not self.answers and "default" in old and text(old["default"]) != text(new.get("default")):
            yield Difference(place, named("default", old), named("default", new))

    def _required(self, old: Document, new: Document, place: str) -> Iterator[Difference]:
        before, after = set(sequence(old.get("required"))), set(sequence(new.get("required")))
        for name in sorted(before - after if self.answers else after - before):
            known = name in mapping((new if self.answers else old).get("properties"))
            if self.answers:
                yield Difference(joined(place, name), "always there", "optional" if known else "removed")
            else:
                yield Difference(joined(place, name), "optional" if known else "not asked for", "required")

    def _properties(self, old: Document, new: Document, place: str) -> Iterator[Difference]:
        before, after = mapping(old.get("properties")), mapping(new.get("properties"))
        others, allowed = old.get("additionalProperties", True), new.get("additionalProperties", True)
        for name in before:
            if name in after:
                yield from self.differences(before[name], after[name], joined(place, name))
            elif is_schema(allowed):
                yield from self.differences(before[name], allowed, joined(place, name))
            elif not self.answers:
                yield Difference(joined(place, name), "accepted", "refused" if allowed is False else "ignored")
        for name in after.keys() - before.keys() if is_schema(others) else ():
            yield from self.differences(others, after[name], joined(place, name))

    def _others(self, old: Document, new: Document, place: str) -> Iterator[Difference]:
        """Compare what is said of fields that have no name."""
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        narrow, wide = (after, before) if self.answers else (before, after)
        if narrow is False or (not is_schema(wide) and (wide is not False or self.answers)):
            return
        if is_schema(narrow) and is_schema(wide):
            yield from self.differences(before, after, joined(place, "*"))
        else:
            yield Difference(joined(place, "*"), _form(before), _form(after))

    def _parts(self, old: Document, new: Document, place: str) -> Iterator[Difference]:
        if "items" in (old if self.answers else new):
            yield from self.differences(old.get("items", {}), new.get("items", {}), f"{place}[]")
        for name in _LISTS:
            before, after = sequence(old.get(name)), sequence(new.get(name))
            if len(before) != len(after):
                yield Difference(place, named(name, old), f"{named(name, new)} ({NOT_UNDERSTOOD})")
                continue
            for one, other in zip(before, after, strict=True):
                yield from self.differences(one, other, place)


def resolved(document: Document, value: object) -> dict[str, Any]:
    """Follow references of a contract to the object they mean; an empty one when they lead nowhere."""
    seen: set[str] = set()
    while isinstance(value, dict) and isinstance(reference := value.get("$ref"), str) and reference not in seen:
        seen.add(reference)
        path = target(document, reference)
        value = None if path is None else at(document, path)
    return mapping(value)


def meaning(document: Document, value: object) -> str:
    """Write a schema and all that it refers to as one text, without what only people read."""
    found: dict[str, object] = {}
    waiting = [_bare(value)]
    known = text(waiting[0])
    while waiting:
        for reference in _references(waiting.pop()):
            if reference not in found:
                found[reference] = _bare(resolved(document, {"$ref": reference}))
                waiting.append(found[reference])
    return known + text(found)


def text(value: object) -> str:
    """Write a value as JSON that is equal for equal values."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def named(name: str, held: Document) -> str:
    """Say a field and its value, or that there is none."""
    return one_line(f"{name} {text(held[name])}") if name in held else f"no {name}"


def joined(place: str, name: str) -> str:
    """Name a field inside another."""
    return f"{place}.{name}" if place else name


def is_schema(value: object) -> bool:
    """Say if additionalProperties is a schema that says anything."""
    return isinstance(value, dict) and bool(value)


def _form(value: object) -> str:
    return "refused" if value is False else named("schema", {"schema": value}) if is_schema(value) else "of any form"


def _bare(value: object) -> object:
    """Take out of a schema, and of those inside it, what only people read."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: held for name, held in value.items() if name not in _FOR_PEOPLE}
    inner = {name: _bare(kept[name]) for name in (*_INSIDE, *_LISTS, "oneOf") if name in kept}
    fields = {name: _bare(held) for name, held in mapping(kept.get("properties")).items()}
    return {**kept, **inner, **({"properties": fields} if fields else {})}


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        value = list(value.values())
    for one in sequence(value):
        yield from _references(one)
