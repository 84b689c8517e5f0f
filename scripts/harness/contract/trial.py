"""Trial of every request schema with the function's own validator: what it refuses would end the function's start."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.contract.gathering import gathered
from harness.contract.grammar import operations
from harness.contract.located import Fault, mapping, sequence

_DRAFT = "http://json-schema.org/draft-04/schema#"
_JSON = "application/json"
_INSTEAD = "write the schema flatter, or in plainer words of JSON Schema draft-04"


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the operations with a schema that the validator cannot compile; for a document without other faults."""
    whole = gathered(document)
    schemas = mapping(mapping(whole.get("components")).get("schemas"))
    if said := _refusal({}, schemas):
        yield Fault(("components", "schemas"), f"the function's validator cannot read the schemas: {said}", _INSTEAD)
        return
    for path, operation in operations(whole):
        for name, schema in _schemas(operation):
            if said := _refusal(schema, schemas):
                title = f"{name} of {str(path[2]).upper()} {path[1]}"
                yield Fault(path, f"the function's validator cannot compile the {title}: {said}", _INSTEAD)


def _schemas(operation: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schemas that the function makes of an operation, with their names."""
    places: dict[str, dict[str, Any]] = {}
    for parameter in sequence(operation.get("parameters")):
        places.setdefault(parameter["in"], {})[parameter["name"]] = parameter["schema"]
    for place, known in places.items():
        yield f"{place} parameters", {"type": "object", "properties": known, "additionalProperties": False}
    if "requestBody" in operation:
        yield "body", operation["requestBody"]["content"][_JSON]["schema"]


def _refusal(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str | None:
    """Compile a schema; return why it cannot be done, if so."""
    import fastjsonschema  # noqa: PLC0415 (an unchanged contract must not pay for it)

    try:
        fastjsonschema.compile({"$schema": _DRAFT, "allOf": [schema], "components": {"schemas": schemas}})
    # The validator raises what its parts raise: for references, patterns, and the Python code that it writes and runs.
    except (
        fastjsonschema.JsonSchemaException,
        re.error,
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        NameError,
        OSError,
        RecursionError,
        SyntaxError,
        TypeError,
        ValueError,
    ) as error:
        return getattr(error, "msg", None) or str(error) or type(error).__name__
    return None
