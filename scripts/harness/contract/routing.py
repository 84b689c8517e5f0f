"""Rules about paths, methods, operation ids, references and security: what API Gateway can serve."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.base.routes import MAX_DEPTH, VERBS, variables
from harness.contract.grammar import SECTIONS, Place, at, follow, operations, paths, target
from harness.contract.located import Fault, mapping, sequence

_PATH = re.compile(r"/|(/(\{[A-Za-z0-9._-]+\}|[A-Za-z0-9._:-]+))+")
_FIELDS_OF_A_PATH = (*VERBS, "description", "parameters", "servers", "summary")


def faults(document: Mapping[str, Any], places: list[Place]) -> Iterator[Fault]:
    """Yield everything about routes that gateway or function cannot take."""
    yield from _paths(document)
    yield from _variables(document)
    yield from _operation_ids(document)
    yield from _references(document, places)
    yield from _names(document)
    yield from _security(document)


def _paths(document: Mapping[str, Any]) -> Iterator[Fault]:
    if not paths(document):
        yield Fault(("paths",), "there is no path", "describe at least one below paths")
    for path, item in paths(document).items():
        yield from _form(path)
        for field in mapping(item):
            if field not in _FIELDS_OF_A_PATH and not field.startswith("x-"):
                wrong = f'path {path} has "{field}", which is no method of API Gateway'
                instead = "write the operations here" if field == "$ref" else f"use {', '.join(VERBS)}"
                yield Fault(("paths", path, field), wrong, instead)


def _form(path: str) -> Iterator[Fault]:
    where = ("paths", path)
    if not _PATH.fullmatch(path):
        wrong = f"path {path} has a segment that is neither {{name}} nor letters, digits and ._:-"
        yield Fault(where, wrong, "write it like /things/{id}, without a slash at the end")
    if len([part for part in path.split("/") if part]) > MAX_DEPTH:
        yield Fault(where, f"path {path} is nested deeper than {MAX_DEPTH} levels", "write a shorter path")
    for name in sorted({name for name in variables(path) if variables(path).count(name) > 1}):
        yield Fault(where, f"path {path} has {{{name}}} twice", "give each variable a name of its own")


def _variables(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Below one parent the gateway takes one variable, so /a/{x} and /a/{y} exclude each other."""
    known: dict[str, str] = {}
    for path in paths(document):
        parts = path.split("/")[1:]
        for depth, part in enumerate(parts):
            parent = "/".join(("", *parts[:depth]))
            if part.startswith("{") and known.setdefault(parent, part) != part:
                wrong = f"path {parent}/ is followed by more than one variable: {known[parent]}, {part}"
                yield Fault(("paths", path), wrong, f"write {known[parent]} here, too")


def _operation_ids(document: Mapping[str, Any]) -> Iterator[Fault]:
    known: dict[str, str] = {}
    for path, operation in operations(document):
        title = f"{str(path[2]).upper()} {path[1]}"
        name = operation.get("operationId", "")
        if name == "":
            yield Fault(path, f"{title} has no operationId", "add one; the function finds its code by it")
        elif isinstance(name, str) and known.setdefault(name, title) != title:
            yield Fault(
                (*path, "operationId"), f"operationId {name} is that of {known[name]}, too", "choose another one"
            )


def _references(document: Mapping[str, Any], places: list[Place]) -> Iterator[Fault]:
    kinds = {place.path: place.kind for place in places}
    for place in places:
        reference = place.value.get("$ref")
        if place.kind not in SECTIONS or not isinstance(reference, str):
            continue
        section, where = SECTIONS[place.kind], (*place.path, "$ref")
        found = target(document, reference)
        known = ", ".join(sorted(mapping(mapping(document.get("components")).get(section)))) or "nothing yet"
        instead = f"refer to #/components/{section}/NAME; there is {known}"
        if not reference.startswith("#/components/"):
            yield Fault(where, f"reference {reference} leads out of components", instead)
        elif found is None:
            yield Fault(where, f"reference {reference} leads nowhere", instead)
        elif found[1] != section or kinds.get(found) != place.kind:
            yield Fault(where, f"reference {reference} leads to no {place.kind}", instead)
        elif "$ref" in mapping(at(document, found)) and not follow(document, found)[1]:
            yield Fault(where, f"reference {reference} leads to itself or nowhere", instead)


def _names(document: Mapping[str, Any]) -> Iterator[Fault]:
    known: set[str] = set()
    tags = sequence(document.get("tags"))
    for index, tag in enumerate(tags):
        title = str(mapping(tag).get("name"))
        if title in known and tag not in tags[:index]:  # equal ones are what the standard itself refuses
            yield Fault(("tags", index, "name"), f"tag {title} stands twice", "keep one of the two")
        known.add(title)


def _security(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Return the gateway asks for an API key or for nothing; another promise would be kept by nobody."""
    schemes = mapping(mapping(document.get("components")).get("securitySchemes"))
    for name in schemes:
        where = ("components", "securitySchemes", name)
        scheme = follow(document, where)[1]
        asked = scheme.get("type"), scheme.get("in"), str(scheme.get("name")).lower()
        if asked != ("apiKey", "header", "x-api-key"):
            wrong = (
                f"security scheme {name} is no API key in the header x-api-key, which is all that the gateway asks for"
            )
            yield Fault(where, wrong, "write {type: apiKey, in: header, name: x-api-key}")
    for path, owner in (((), document), *operations(document)):
        for index, requirement in enumerate(sequence(owner.get("security"))):
            where_asked = (*path, "security", index)
            if not mapping(requirement):
                yield Fault(where_asked, "security is optional here, which the gateway cannot be", "write security: []")
            for name in mapping(requirement):
                if name not in schemes:
                    wrong = f"security asks for {name}, which is not in components.securitySchemes"
                    yield Fault((*where_asked, name), wrong, f"use one of: {', '.join(schemes) or 'nothing yet'}")
