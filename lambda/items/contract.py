"""The contract as validators: the only place in the service where a limit on input comes from.

The zip holds ``contract.json``, the same document as JSON, because it loads without a YAML parser; in the
source tree there is only ``openapi.yaml``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import fastjsonschema

from items.problems import Code, Problem

HERE: Final = Path(__file__).parent
METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_REFS: Final = "#/components/schemas/"

Validator = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as the contract declares it; ``location`` is ``path``, ``query`` or ``header``."""

    name: str
    location: str
    integer: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to check requests against."""

    operation_id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    check_parameters: Validator
    check_body: Validator | None

    def read_parameters(self, given: Mapping[tuple[str, str], str]) -> dict[str, Any]:
        """Check parameters and fill in defaults.

        Args:
            given: (location, name) -> text. Every query parameter; of the rest those that are declared.

        Returns:
            name -> text or number; a parameter without default that was not given is not there.

        Raises:
            Problem: ``invalid_parameter`` (``invalid_cursor`` for the cursor).
        """
        integers = {parameter.name for parameter in self.parameters if parameter.integer}
        values = {name: _number(text) if name in integers else text for (_, name), text in given.items()}
        try:
            return self.check_parameters(values)
        except fastjsonschema.JsonSchemaValueException as error:
            code = Code.INVALID_CURSOR if error.path[1:] == ["cursor"] else Code.INVALID_PARAMETER
            raise Problem(code, _explain(error, "The parameters")) from None

    def read_body(self, value: object) -> dict[str, Any]:
        """Check a parsed JSON body and fill in defaults.

        Raises:
            Problem: ``invalid_body``, naming the property and the rule it breaks, never its value.
        """
        assert self.check_body is not None, f"{self.operation_id} takes no body"  # noqa: S101 (a bug, not a request)
        try:
            return self.check_body(cast(dict[str, Any], value))
        except fastjsonschema.JsonSchemaValueException as error:
            raise Problem(Code.INVALID_BODY, _explain(error, "The body")) from None


def load_document(folder: Path = HERE) -> dict[str, Any]:
    """Read the contract: ``contract.json`` when the bundle step has put it there, else ``openapi.yaml``."""
    compiled = folder / "contract.json"
    if compiled.exists():
        return cast(dict[str, Any], json.loads(compiled.read_text("utf-8")))
    import yaml  # noqa: PLC0415 (not in the zip)

    return cast(dict[str, Any], yaml.safe_load((folder / "openapi.yaml").read_text("utf-8")))


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Compile every operation of the contract, by operation id."""
    schemas = document["components"]["schemas"]
    found = (
        _operation(schemas, path, method, definition)
        for path, methods in document["paths"].items()
        for method, definition in methods.items()
        if method in METHODS
    )
    return {operation.operation_id: operation for operation in found}


def _operation(schemas: dict[str, Any], path: str, method: str, definition: dict[str, Any]) -> Operation:
    declared = definition.get("parameters", [])
    body = definition.get("requestBody")
    return Operation(
        operation_id=definition["operationId"],
        method=method.upper(),
        path=path,
        parameters=tuple(Parameter(p["name"], p["in"], p["schema"]["type"] == "integer") for p in declared),
        check_parameters=_compile(
            {
                "type": "object",
                "properties": {p["name"]: p["schema"] for p in declared},
                "required": [p["name"] for p in declared if p.get("required")],
                "additionalProperties": False,
            },
            schemas,
        ),
        check_body=_compile(body["content"]["application/json"]["schema"], schemas) if body else None,
    )


def _compile(schema: dict[str, Any], schemas: dict[str, Any]) -> Validator:
    """Compile one schema of the contract, which speaks JSON Schema draft-04."""
    whole = {"$schema": "http://json-schema.org/draft-04/schema#", "allOf": [schema], "definitions": schemas}
    text = json.dumps(whole).replace(_REFS, "#/definitions/")
    return cast(Validator, fastjsonschema.compile(json.loads(text)))


def _number(text: str) -> int | str:
    """A decimal number without sign or leading zero, as a client would write it; anything else stays text
    and fails."""
    plain = text.isascii() and text.isdecimal() and (text == "0" or not text.startswith("0"))
    return int(text) if plain and len(text) < 10 else text


def _explain(error: fastjsonschema.JsonSchemaValueException, whole: str) -> str:
    """Say which rule is broken. Neither the value nor an unknown name is repeated: both come from outside."""
    where = ".".join(str(step) for step in error.path[1:]) or whole
    if error.rule == "additionalProperties":
        return f"{where}: there is something in it that the contract does not know."
    if error.rule == "required":
        return f"{where}: required are {', '.join(error.rule_definition)}."
    return f"{where}: must satisfy {error.rule} {json.dumps(error.rule_definition)}."
