"""The contract as validators: the only place in a service where a limit on input comes from.

The contract is the canonical JSON that ``make bundle`` compiles from ``openapi.yaml`` and puts beside the service's
code in the zip. Nothing here reads YAML, so that gateway, function and tests cannot read it differently.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import fastjsonschema

from rest.event import Given, named
from rest.problems import Code, Kind, Problem

ROOT: Final = Path(__file__).parents[1]
"""The top of the zip, which holds one service."""

METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
LOCATIONS: Final = ("path", "query", "header")

Validator = Callable[[object], Any]
Schema = Mapping[str, Any]
Document = Mapping[str, Any]


class ContractError(RuntimeError):
    """No contract is there to answer requests by, or it is ambiguous."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """A request's parameters, checked, by the location they came from: name -> text or number.

    A default of the contract is filled in; a parameter without one that was not given is not there.
    """

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to check requests against.

    Attributes:
        operation_id: names it in the code.
        declared: location -> name of the parameter -> its schema.
        checks: location -> validator of the parameters there.
        check_body: None when it takes no body.
        codes: problems that a refused parameter is told as in place of ``invalid_parameter``, by its name.
    """

    operation_id: str
    declared: Mapping[str, Mapping[str, Schema]]
    checks: Mapping[str, Validator]
    check_body: Validator | None
    codes: Mapping[str, Kind]

    def read_parameters(self, given: Given) -> Parameters:
        """Check each location's parameters against what the contract declares there.

        Args:
            given: location -> name -> text; of the headers only those that are declared.

        Raises:
            Problem: ``invalid_parameter``, or the parameter's own code, naming parameter, location and the rule that is
                broken, never the value.
        """
        return Parameters(*(self._read(name, given.get(name, {})) for name in LOCATIONS))

    def read_body(self, value: object) -> dict[str, Any]:
        """Check a parsed JSON body and fill in defaults.

        Raises:
            Problem: ``invalid_body``, naming the property and the rule it breaks, never its value.
        """
        assert self.check_body is not None, f"{self.operation_id} takes no body"  # noqa: S101 (a bug, not a request)
        try:
            return cast(dict[str, Any], self.check_body(value))
        except fastjsonschema.JsonSchemaValueException as error:
            raise _refused(Code.INVALID_BODY, error, "The body", "property") from None

    def _read(self, location: str, given: Mapping[str, str]) -> dict[str, Any]:
        schemas = self.declared[location]
        values = {name: _typed(text, schemas.get(name, {})) for name, text in given.items()}
        try:
            return cast(dict[str, Any], self.checks[location](values))
        except fastjsonschema.JsonSchemaValueException as error:
            code = self.codes.get(".".join(map(str, error.path[1:])), Code.INVALID_PARAMETER)
            raise _refused(code, error, f"The {location}", f"{location} parameter") from None


def load_document(root: Path = ROOT) -> dict[str, Any]:
    """Read the canonical contract of the service in a folder such as the zip's.

    Raises:
        ContractError: there is none, or more than one.
    """
    found = sorted(root.glob("*/contract.json"))
    if len(found) != 1:
        raise ContractError(f"{len(found)} services below {root} have a contract.json: make bundle puts one into a zip")
    return cast(dict[str, Any], json.loads(found[0].read_text("utf-8")))


def operations(document: Document, codes: Mapping[str, Kind] | None = None) -> dict[tuple[str, str], Operation]:
    """Compile every operation of the contract, by method and path.

    Args:
        document: the canonical contract.
        codes: problems that a refused parameter is told as in place of ``invalid_parameter``, by its name.

    Raises:
        ContractError: two operations have one operationId.
    """
    ids = Counter(definition["operationId"] for _, _, definition in _definitions(document))
    if twice := sorted(name for name, count in ids.items() if count > 1):
        raise ContractError(f"several operations have the operationId {', '.join(twice)}: give each its own")
    schemas = document.get("components", {}).get("schemas", {})
    return {
        (method.upper(), path): _operation(schemas, definition, codes or {})
        for path, method, definition in _definitions(document)
    }


def response_headers(document: Document) -> set[str]:
    """List the headers of all answers that the contract documents."""
    answers = [
        answer for _, _, definition in _definitions(document) for answer in definition.get("responses", {}).values()
    ]
    answers += document.get("components", {}).get("responses", {}).values()
    return {name for answer in answers for name in answer.get("headers", {})}


def _definitions(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """List path, method and definition of every operation."""
    for path, methods in document["paths"].items():
        yield from ((path, method, methods[method]) for method in methods if method in METHODS)


def _operation(schemas: Mapping[str, Schema], definition: Mapping[str, Any], codes: Mapping[str, Kind]) -> Operation:
    parameters, body = definition.get("parameters", []), definition.get("requestBody")
    declared = {place: {one["name"]: one["schema"] for one in parameters if one["in"] == place} for place in LOCATIONS}
    required = {one["name"] for one in parameters if one.get("required")}

    def check(known: Mapping[str, Schema]) -> Validator:
        rules = {"properties": known, "required": sorted(required & known.keys()), "additionalProperties": False}
        return _compile({"type": "object", **rules}, schemas)

    return Operation(
        operation_id=definition["operationId"],
        declared=declared,
        checks={place: check(known) for place, known in declared.items()},
        check_body=_compile(body["content"]["application/json"]["schema"], schemas) if body else None,
        codes=codes,
    )


def _compile(schema: Schema, schemas: Mapping[str, Schema]) -> Validator:
    """Compile one schema of the contract, which speaks JSON Schema draft-04."""
    whole = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "allOf": [schema],
        "components": {"schemas": schemas},
    }
    return _compiled(json.dumps(whole))


@cache
def _compiled(text: str) -> Validator:
    """Compile equal schemas once: operations share most of theirs, and each costs a millisecond of a cold start."""
    return cast(Validator, fastjsonschema.compile(json.loads(text)))


def _typed(text: str, schema: Schema) -> int | str:
    """Read an integer, where one is declared: decimal, without sign or leading zero; anything else stays text and
    fails."""
    plain = (
        schema.get("type") == "integer"
        and text.isascii()
        and text.isdecimal()
        and (text == "0" or not text.startswith("0"))
    )
    return int(text) if plain and len(text) < 10 else text


def _refused(code: Kind, error: fastjsonschema.JsonSchemaValueException, whole: str, part: str) -> Problem:
    """Name the field and the rule it breaks. The value, which comes from outside, is not repeated."""
    where, known = [str(step) for step in error.path[1:]], error.definition.get("properties", {})
    if error.rule == "additionalProperties":
        where.append(next(name for name in error.value if name not in known))
        return Problem(
            code, f"the contract does not declare this {part}.", subject=named(part, ".".join(where)) or whole
        )
    if error.rule == "required":
        where.append(next(name for name in error.rule_definition if name not in error.value))
    rule = (
        "is required" if error.rule == "required" else f"must satisfy {error.rule} {json.dumps(error.rule_definition)}"
    )
    return Problem(code, f"{named(part, '.'.join(where)) or whole}: {rule}.")
