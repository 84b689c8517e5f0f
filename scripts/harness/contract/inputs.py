"""Rules about parameters and request bodies: what gateway and function can check alike."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.base.routes import variables
from harness.contract.constraints import declared_values
from harness.contract.grammar import APPLIED, at, follow, operations, paths, reached
from harness.contract.located import Fault, Path, mapping, sequence

_LOCATIONS = ("header", "path", "query")
_TYPES = ("integer", "string")
# PutMethod refuses others.
_NAME = re.compile(r"[A-Za-z0-9:._$-]+")
# It takes nine digits at most, without a sign.
_LARGEST = 999_999_999
_READ = f"the function reads integers of 0 to {_LARGEST:,}, without a sign"
_JSON = "application/json"
_WITHOUT_BODY = ("get", "head")


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield everything about parameters and request bodies that gateway or function cannot take."""
    for name, item in paths(document).items():
        yield from _parameters(document, ("paths", name))
        if isinstance(item, dict) and "parameters" in item:
            yield from _of_the_path(document, name, ("paths", name, "parameters"))
    for path, operation in operations(document):
        yield from _parameters(document, path)
        yield from _of_the_path(document, str(path[1]), (*path, "parameters"))
        yield from _variables(document, path)
        if "requestBody" in operation:
            yield from _body(document, path)


def parameters(document: Mapping[str, Any], owner: Path) -> Iterator[tuple[Path, Path, dict[str, Any]]]:
    """Yield where a parameter of a path or operation stands, where it is described, and its fields."""
    from_owner = (*owner, "parameters")
    for index, _ in enumerate(sequence(at(document, from_owner))):
        path = (*from_owner, index)
        yield path, *follow(document, path)


def body(document: Mapping[str, Any], operation: Path) -> tuple[Path, dict[str, Any]]:
    """Return where an operation's request body is described, and its fields."""
    return follow(document, (*operation, "requestBody"))


def _parameters(document: Mapping[str, Any], owner: Path) -> Iterator[Fault]:
    known: set[tuple[str, str]] = set()
    for path, described, parameter in parameters(document, owner):
        name, location = parameter.get("name"), parameter.get("in")
        if not isinstance(name, str) or not isinstance(location, str):
            continue
        if location not in _LOCATIONS:
            yield Fault(
                (*described, "in"), f"parameter {name} is in {location}, which API Gateway does not read", "use header"
            )
        if not _NAME.fullmatch(name):
            wrong = f"parameter {name} has a name that API Gateway refuses"
            yield Fault((*described, "name"), wrong, "use letters, digits and :._$- alone")
        key = location, name.lower() if location == "header" else name
        if key in known:
            yield Fault(path, f"parameter {name} in {location} stands twice", "keep one of the two")
        known.add(key)
        yield from _schema(document, described, parameter)


def _schema(document: Mapping[str, Any], path: Path, parameter: Mapping[str, Any]) -> Iterator[Fault]:
    name = parameter["name"]
    if "content" in parameter:
        yield Fault((*path, "content"), f"parameter {name} is described by content", "describe it by schema")
        return
    if not isinstance(parameter.get("schema"), dict):
        yield Fault(path, f"parameter {name} has no schema", "add schema: {type: string}")
        return
    referred = "$ref" in parameter["schema"]
    where, schema = follow(document, (*path, "schema"))
    if schema and schema.get("type") not in _TYPES:
        wrong = f"parameter {name} is no {' or '.join(_TYPES)}; the function reads nothing else of a URL or header"
        yield Fault(
            (*where, "type"), wrong, "write type: string, with a pattern or enum that says which texts are right"
        )
    elif referred and schema.get("type") == "integer":
        wrong = f"parameter {name} refers to an integer, which the function would take for text"
        yield Fault((*path, "schema"), wrong, "write type: integer in the parameter's own schema")
    elif schema.get("type") == "integer":
        for part in reached(document, [where], APPLIED):
            yield from _unread(part, mapping(at(document, part)), name)


def _unread(path: Path, schema: Mapping[str, Any], name: str) -> Iterator[Fault]:
    """Find numbers that a client may send by the contract and the function cannot read."""
    if schema.get("format") == "int64":
        wrong = f"parameter {name} has format int64; {_READ}"
        yield Fault((*path, "format"), wrong, "write format: int32, or type: string with a pattern")
    limits = (((keyword,), schema.get(keyword)) for keyword in ("minimum", "maximum"))
    for where, value in (*limits, *declared_values(schema)):
        if isinstance(value, int | float) and not isinstance(value, bool) and not 0 <= value <= _LARGEST:
            wrong = f"parameter {name} has {where[0]} {value}; {_READ}"
            yield Fault((*path, *where), wrong, "write one of them, or type: string with a pattern")


def _of_the_path(document: Mapping[str, Any], template: str, where: Path) -> Iterator[Fault]:
    """Find parameters in path that the path does not have."""
    for path, _, parameter in parameters(document, where[:-1]):
        name = parameter.get("name")
        if parameter.get("in") == "path" and name not in variables(template):
            yield Fault(
                path, f"parameter {name} is in path, but {template} has no {{{name}}}", "rename it or take it out"
            )


def _variables(document: Mapping[str, Any], operation: Path) -> Iterator[Fault]:
    """Find variables of the path that are no parameter."""
    declared = {
        str(parameter.get("name"))
        for owner in (operation[:2], operation)
        for _, _, parameter in parameters(document, owner)
        if parameter.get("in") == "path"
    }
    for name in variables(str(operation[1])):
        if name not in declared:
            title = f"{str(operation[2]).upper()} {operation[1]}"
            yield Fault(operation, f"{title} does not declare {{{name}}}", f"add a parameter {name} in path, required")


def _body(document: Mapping[str, Any], operation: Path) -> Iterator[Fault]:
    title = f"{str(operation[2]).upper()} {operation[1]}"
    if operation[2] in _WITHOUT_BODY:
        yield Fault(
            (*operation, "requestBody"), f"{title} has a body, which is lost on the way", "use parameters, or post"
        )
    path, described = body(document, operation)
    if not described:
        return
    content = mapping(described.get("content"))
    if _JSON not in content:
        yield Fault(
            path,
            f"{title} takes no {_JSON} body, and the function reads nothing else",
            f"describe it below content: {_JSON}",
        )
    elif not isinstance(mapping(content[_JSON]).get("schema"), dict):
        yield Fault((*path, "content", _JSON), f"the body of {title} has no schema", "add schema")
    for media_type in content:
        if media_type != _JSON:
            wrong = f"{title} takes {media_type}, which the function answers with 415"
            yield Fault((*path, "content", media_type), wrong, f"keep {_JSON} alone")
    if described.get("required") is not True:
        yield Fault(path, f"the body of {title} is optional, but the function asks for one", "add required: true")
