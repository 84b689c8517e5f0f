"""OpenAPI 3.0's objects: which kind stands where, so that a rule looks at schemas and not at words in an example."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from harness.base.routes import VERBS
from harness.contract.located import Path, mapping


class Shape(StrEnum):
    """The form in which a field holds objects of its kind."""

    ONE = "one"
    LIST = "list"
    MAP = "map"


_ONE, _LIST, _MAP = Shape
APPLIED = ("allOf", "anyOf", "oneOf", "not")
"""Fields of a schema whose schemas check the same value, not a part of it."""

_SCHEMA: Mapping[str, tuple[Shape, str]] = {
    "properties": (_MAP, "schema"),
    "items": (_ONE, "schema"),
    "additionalProperties": (_ONE, "schema"),
    "not": (_ONE, "schema"),
    "allOf": (_LIST, "schema"),
    "anyOf": (_LIST, "schema"),
    "oneOf": (_LIST, "schema"),
}
_CONTENT = {"content": (_MAP, "mediaType")}
_PARAMETER = {"schema": (_ONE, "schema"), **_CONTENT}
SECTIONS = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "requestBody": "requestBodies",
    "header": "headers",
    "securityScheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
}
"""Kind -> section of components that references of this kind lead to."""

_FIELDS: Mapping[str, Mapping[str, tuple[Shape, str]]] = {
    "document": {"paths": (_MAP, "pathItem"), "components": (_ONE, "components")},
    "components": {section: (_MAP, kind) for kind, section in SECTIONS.items()},
    "pathItem": {**{verb: (_ONE, "operation") for verb in (*VERBS, "trace")}, "parameters": (_LIST, "parameter")},
    "operation": {
        "parameters": (_LIST, "parameter"),
        "requestBody": (_ONE, "requestBody"),
        "responses": (_MAP, "response"),
        "callbacks": (_MAP, "callback"),
    },
    "parameter": {**_PARAMETER, "examples": (_MAP, "example")},
    "header": {**_PARAMETER, "examples": (_MAP, "example")},
    "requestBody": _CONTENT,
    "mediaType": {"schema": (_ONE, "schema"), "encoding": (_MAP, "encoding"), "examples": (_MAP, "example")},
    "encoding": {"headers": (_MAP, "header")},
    "response": {"headers": (_MAP, "header"), "links": (_MAP, "link"), **_CONTENT},
    "schema": _SCHEMA,
}


@dataclass(frozen=True, slots=True)
class Place:
    """An object of the document."""

    kind: str
    path: Path
    value: Mapping[str, Any]


def walk(value: object, kind: str = "document", path: Path = ()) -> Iterator[Place]:
    """Yield an object and all objects inside it; behind references there is nothing."""
    if not isinstance(value, dict):
        return
    yield Place(kind, path, value)
    if kind in SECTIONS and "$ref" in value:
        return
    if kind == "callback":
        for name, item in value.items():
            yield from walk(item, "pathItem", (*path, name))
    for child, kind_of_child in children(kind, value):
        yield from walk(at(value, child), kind_of_child, (*path, *child))


def children(kind: str, value: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield path and kind of every object directly inside one."""
    for name, (shape, kind_of_child) in _FIELDS.get(kind, {}).items():
        held = value.get(name)
        if shape is Shape.ONE and isinstance(held, dict):
            yield (name,), kind_of_child
        elif shape is Shape.LIST and isinstance(held, list):
            yield from (((name, index), kind_of_child) for index in range(len(held)))
        elif shape is Shape.MAP:
            # Beside paths and statuses stand extensions, nobody's objects; elsewhere any name is a name.
            extended = name == "paths" or (kind, name) == ("operation", "responses")
            inside = without_extensions(held) if extended else mapping(held)
            yield from (((name, key), kind_of_child) for key in inside)


def at(value: object, path: Path) -> Any:
    """Return what stands at a path, None when there is nothing."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step) if isinstance(step, str) else None
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def target(document: Mapping[str, Any], reference: object) -> Path | None:
    """Return the path that a reference names, None when it leads nowhere or out of components."""
    if not isinstance(reference, str) or not reference.startswith("#/components/"):
        return None
    value: object = document
    path: Path = ()
    for part in unquote(reference.removeprefix("#/")).split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        step = int(name) if isinstance(value, list) and name.isdecimal() else name
        value, path = at(value, (step,)), (*path, step)
    return path if value is not None else None


def follow(document: Mapping[str, Any], path: Path) -> tuple[Path, dict[str, Any]]:
    """Follow references from a place to the object they mean; an empty one when they lead nowhere."""
    seen: set[Path] = set()
    value = at(document, path)
    while isinstance(value, dict) and "$ref" in value:
        found = target(document, value["$ref"])
        if found is None or found in seen:
            return path, {}
        seen.add(found)
        path, value = found, at(document, found)
    return path, mapping(value)


def reached(document: Mapping[str, Any], roots: Iterable[Path], fields: Container[str] = _SCHEMA) -> list[Path]:
    """Return every schema inside the given ones and behind their references, itself included, each once."""
    found: dict[Path, None] = {}
    waiting = list(roots)
    while waiting:
        path = waiting.pop()
        schema = at(document, path)
        if path in found or not isinstance(schema, dict):
            continue
        found[path] = None
        if "$ref" in schema:
            led = target(document, schema["$ref"])
            waiting += [led] if led else []
        else:
            waiting += [(*path, *child) for child, _ in children("schema", schema) if child[0] in fields]
    return list(found)


def without_extensions(value: object) -> dict[str, Any]:
    """Return a mapping's fields whose names do not begin with x-."""
    return {name: held for name, held in mapping(value).items() if not name.startswith("x-")}


def paths(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the path items by path."""
    return without_extensions(document.get("paths"))


def operations(document: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield path and fields of every operation that the gateway can serve."""
    for name, item in paths(document).items():
        for verb in VERBS:
            if isinstance(mapping(item).get(verb), dict):
                yield ("paths", name, verb), item[verb]
