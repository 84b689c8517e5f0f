"""Tell in what a contract breaks the clients of the one that is served.

Compares canonical contracts, as ``make bundle`` writes them. What has changed and is not understood is told, too. What
clients do not notice is none of it: texts for people, operation ids, new operations, optional parameters and fields.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.base.routes import VERBS, variables
from harness.contract.grammar import operations, paths
from harness.contract.located import mapping, one_line, sequence
from harness.contract.narrowing import NOT_UNDERSTOOD, Document, Sides, named, resolved, text

_EVERY = "every operation"
_FOR_PEOPLE = {"deprecated", "description", "example", "examples", "externalDocs", "operationId", "summary", "tags"}
_ERRORS = ("4", "5")


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """One thing that a client of the served contract may stumble over."""

    operation: str
    place: str
    was: str
    now: str

    def __str__(self) -> str:
        """One line."""
        where = f"{self.operation}, {self.place}" if self.place else self.operation
        return f"{where}: was {self.was}, is {self.now}"


def breaking(served: Document, wanted: Document, elsewhere: Sequence[Document] = ()) -> tuple[Break, ...]:
    """Return everything in which a contract breaks clients of the served one, sorted.

    Args:
        wanted: contract that is to follow it; empty when the service goes.
        elsewhere: contracts of other functions that the same clients reach then: an operation may have moved there.
    """
    if served == wanted:
        return ()
    found = set(_document(Sides(served, wanted)) if wanted else ())
    following = {
        _route(verb, path): (document, path, operation)
        for document in (*elsewhere, wanted)
        for path, verb, operation in _operations(document)
    }
    for path, verb, operation in _operations(served):
        title = f"{verb.upper()} {path}"
        if _route(verb, path) not in following:
            found.add(Break(title, "", "served", "removed"))
            continue
        document, renamed, now = following[_route(verb, path)]
        sides = Sides(served, document)
        found.update(Break(title, *one) for one in _operation(sides, (path, operation), (renamed, now)))
    return tuple(sorted(found))


def major_raised(served: Document, wanted: Document) -> bool:
    """Say if ``info.version`` has a higher major number than the served contract's; not when it has no number."""
    before, after = (re.match(r"([0-9]+)(\.|$)", version(one)) for one in (served, wanted))
    return before is not None and after is not None and int(after[1]) > int(before[1])


def version(document: Document) -> str:
    """Return a contract's ``info.version``; empty when it has none."""
    return str(mapping(document.get("info")).get("version", ""))


Found = Iterator[tuple[str, str, str]]
"""Place, served, wanted."""


def _operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for place, operation in operations(document):
        yield str(place[1]), str(place[2]), dict(operation)


def _route(verb: str, path: str) -> tuple[str, str]:
    """Tell an operation from others; what a path calls its variables is nothing to a client."""
    return verb, re.sub(r"\{[^}]*\}", "{}", path)


def _document(sides: Sides) -> Iterator[Break]:
    """Compare what holds for all operations."""
    known = {"components", "info", "openapi", "paths", "security", *_FOR_PEOPLE}
    yield from (Break(_EVERY, *one) for one in _unknown(sides.served, sides.wanted, "the document", known))
    items = paths(sides.wanted)
    for path, item in paths(sides.served).items():
        for one in _unknown(item, items.get(path, item), "the path", {*VERBS, *_FOR_PEOPLE}):
            yield Break(path, *one)


def _operation(sides: Sides, served: tuple[str, Document], wanted: tuple[str, Document]) -> Found:
    before, after = served[1], wanted[1]
    known = {"parameters", "requestBody", "responses", "security", *_FOR_PEOPLE}
    yield from _unknown(before, after, "the operation", known)
    yield from _security(sides, before, after)
    yield from _parameters(sides, _parameters_of(sides.served, *served), _parameters_of(sides.wanted, *wanted))
    yield from _body(sides, before, after)
    yield from _responses(sides, mapping(before.get("responses")), mapping(after.get("responses")))


def _security(sides: Sides, before: Document, after: Document) -> Found:
    """Compare ways to be let in: each that a client may use today must do tomorrow."""
    old, new = _ways(sides.served, before), _ways(sides.wanted, after)
    for way, title in old.items():
        if not any(other <= way for other in new):
            yield "security", title, " or ".join(new.values())


def _ways(document: Document, operation: Document) -> dict[frozenset[tuple[str, str]], str]:
    """Return the alternatives that an operation asks for: schemes as they are defined, with scopes, and in words."""
    schemes = mapping(mapping(document.get("components")).get("securitySchemes"))
    asked = sequence(operation.get("security", document.get("security")))
    found = {}
    for requirement in asked or [{}]:
        pairs, words = set(), []
        for name, scopes in requirement.items():
            scheme = resolved(document, schemes.get(name))
            defined = {key: held for key, held in scheme.items() if key not in _FOR_PEOPLE}
            pairs |= {(text(defined), ""), *((text(defined), str(scope)) for scope in scopes)}
            words.append(f"{name} {text([*defined.values(), *scopes])}")
        found[frozenset(pairs)] = " and ".join(words) or "nothing asked"
    return found


def _parameters_of(document: Document, path: str, operation: Document) -> dict[tuple[str, str], dict[str, Any]]:
    """Return an operation's parameters by location and name, those of the path by their order in it."""
    order = {name: str(index) for index, name in enumerate(variables(path))}
    found = {}
    for one in sequence(operation.get("parameters")):
        parameter = resolved(document, one)
        location, name = str(parameter.get("in")), str(parameter.get("name"))
        key = order.get(name, name) if location == "path" else name.lower() if location == "header" else name
        found[location, key] = parameter
    return found


def _parameters(sides: Sides, old: Mapping[tuple[str, str], Document], new: Mapping[Any, Document]) -> Found:
    for key, parameter in old.items():
        place = _title(parameter)
        if key not in new:
            yield place, "accepted", "ignored" if key[0] == "header" else "refused"
            continue
        if new[key].get("required") is True and parameter.get("required") is not True:
            yield place, "optional", "required"
        yield from _schemas(sides, place, parameter, new[key])
        yield from _unknown(parameter, new[key], place, {"in", "name", "required", "schema", *_FOR_PEOPLE})
    for key, parameter in new.items():
        if key not in old and parameter.get("required") is True:
            yield _title(parameter), "not asked for", "required"


def _title(parameter: Document) -> str:
    return f"{parameter.get('in')} parameter {parameter.get('name')}"


def _body(sides: Sides, before: Document, after: Document) -> Found:
    place = "request body"
    old = resolved(sides.served, before.get("requestBody"))
    new = resolved(sides.wanted, after.get("requestBody"))
    if new.get("required") is True and old.get("required") is not True:
        yield place, "optional" if old else "not asked for", "required"
    if old and not new:
        yield place, "accepted", "ignored"
    elif old:
        yield from _content(sides, place, old, new, "refused")
        yield from _unknown(old, new, place, {"content", "required", *_FOR_PEOPLE})


def _responses(sides: Sides, before: Document, after: Document) -> Found:
    answers = Sides(sides.served, sides.wanted, answers=True)
    for status, described in before.items():
        place = f"response {status}"
        if status not in after:
            if not status.startswith((*_ERRORS, "x-")):
                yield place, "documented", "removed"
            continue
        old, new = resolved(sides.served, described), resolved(sides.wanted, after[status])
        yield from _headers(answers, place, old, new)
        yield from _content(answers, place, old, new, "removed")
        yield from _unknown(old, new, place, {"content", "headers", "links", *_FOR_PEOPLE})


def _headers(sides: Sides, place: str, before: Document, after: Document) -> Found:
    later = {name.lower(): header for name, header in mapping(after.get("headers")).items()}
    for name, header in mapping(before.get("headers")).items():
        old, new = resolved(sides.served, header), resolved(sides.wanted, later.get(name.lower()))
        where = f"{place}, header {name}"
        if old.get("required") is True and new.get("required") is not True:
            yield where, "always there", "optional" if new else "removed"
        if new:
            yield from _schemas(sides, where, old, new)
            yield from _unknown(old, new, where, {"required", "schema", *_FOR_PEOPLE})


def _content(sides: Sides, place: str, before: Document, after: Document, gone: str) -> Found:
    later = mapping(after.get("content"))
    for media_type, described in mapping(before.get("content")).items():
        if media_type not in later:
            yield place, media_type, gone
            continue
        yield from _schemas(sides, place, described, later[media_type])
        yield from _unknown(described, later[media_type], place, {"schema", *_FOR_PEOPLE})


def _schemas(sides: Sides, place: str, before: Document, after: Document) -> Found:
    compared = Sides(sides.served, sides.wanted, sides.answers)
    for one in compared.differences(before.get("schema", {}), after.get("schema", {})):
        yield f"{place}, field {one.field}" if one.field else place, one_line(one.was), one_line(one.now)


def _unknown(before: Document, after: Document, place: str, known: set[str]) -> Found:
    for name in sorted({name for name in before.keys() | after.keys() if not name.startswith("x-")} - known):
        if text(before.get(name)) != text(after.get(name)):
            yield place, named(name, before), f"{named(name, after)} ({NOT_UNDERSTOOD})"
