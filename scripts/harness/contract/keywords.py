"""Fields of request schemas that the function's validator (JSON Schema draft-04) ignores or takes for others."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.contract.constraints import declared_values, shown
from harness.contract.grammar import at, operations, reached
from harness.contract.inputs import body, parameters
from harness.contract.located import Fault, Path, mapping

_BESIDE_A_REFERENCE = {"$ref", "description", "title"}
_SAY_IT = "take it out, or say it in description"
# Those of OpenAPI 3.0's Schema Object that draft-04 lacks; one that OpenAPI lacks, too, is told by its own schema.
_INSTEAD = {
    "deprecated": _SAY_IT,
    "discriminator": "take it out: oneOf alone decides which schema is meant",
    "example": "move it out of the schema, beside it: a parameter and a media type have an example, too",
    "externalDocs": _SAY_IT,
    "nullable": "take it out; a client can leave a property out when required does not name it",
    "readOnly": "take the property out of the request's schema",
    "writeOnly": "take it out: what a request may hold stands here, what an answer holds in its own schema",
    "xml": _SAY_IT,
}

_CHECKED_FORMATS = {"date-time", "email", "hostname", "ipv4", "ipv6", "uri"}
_NUMBERS = ("integer", "number")


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield every keyword in a schema of a request that would not be understood."""
    for path in reached(document, _roots(document)):
        schema = mapping(at(document, path))
        if "$ref" in schema:
            for keyword in schema.keys() - _BESIDE_A_REFERENCE:
                wrong = f"{keyword} stands beside a $ref, where it is ignored"
                yield Fault((*path, keyword), wrong, "write allOf: [{$ref: …}, {…}]")
            continue
        for keyword in schema.keys() & _INSTEAD:
            wrong = f"{keyword} in a schema of a request, which the function's validator (JSON Schema draft-04) ignores"
            yield Fault((*path, keyword), wrong, _INSTEAD[keyword])
        yield from _format(path, schema)
        yield from _dollars(path, schema.get("pattern"))
        for where, value in declared_values(schema):
            if _refers(value):
                wrong = f"{where[0]} holds a $ref, which the function's validator takes for a reference"
                yield Fault((*path, *where), wrong, "give the property another name")


def _format(path: Path, schema: Mapping[str, Any]) -> Iterator[Fault]:
    name = schema.get("format")
    if isinstance(name, str) and name not in _CHECKED_FORMATS and schema.get("type") not in _NUMBERS:
        wrong = f"format {name} in a schema of a request, which the function's validator ignores"
        yield Fault((*path, "format"), wrong, "say it by a pattern, or in description")


def _dollars(path: Path, pattern: object) -> Iterator[Fault]:
    r"""Find dollars that the validator misreads: it writes \Z for each without a backslash before it."""
    if not isinstance(pattern, str):
        return
    wrong = f"pattern {shown(pattern)} has"
    if "$" in pattern[:-1]:
        wrong = f"{wrong} a $ before its end, which the function's validator takes for the end of the text"
        yield Fault((*path, "pattern"), wrong, r"write a dollar as \x24, and alternatives as ^(a|b)$")
    elif pattern.endswith(r"\$"):
        wrong = f"{wrong} \\ before its last $, which the function's validator then takes for no end of the text"
        yield Fault((*path, "pattern"), wrong, r"write a dollar as \x24, a backslash as \x5c")


def _refers(value: object) -> bool:
    """Say if a mapping with a reference stands anywhere in a value."""
    if isinstance(value, dict):
        return "$ref" in value or any(map(_refers, value.values()))
    return isinstance(value, list) and any(map(_refers, value))


def _roots(document: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the schemas that requests are checked against."""
    for path, operation in operations(document):
        for owner in (path[:2], path):
            yield from ((*described, "schema") for _, described, _ in parameters(document, owner))
        if "requestBody" in operation:
            described, fields = body(document, path)
            yield from ((*described, "content", name, "schema") for name in mapping(fields.get("content")))
