"""Keywords of request schemas that JSON Schema draft-04 lacks: the function, which checks requests, ignores them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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


def _roots(document: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the schemas that requests are checked against."""
    for path, operation in operations(document):
        for owner in (path[:2], path):
            yield from ((*described, "schema") for _, described, _ in parameters(document, owner))
        if "requestBody" in operation:
            described, fields = body(document, path)
            yield from ((*described, "content", name, "schema") for name in mapping(fields.get("content")))
