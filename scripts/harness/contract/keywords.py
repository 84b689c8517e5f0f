"""Keywords of request schemas that JSON Schema draft-04 lacks: the function, which checks requests, ignores them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.contract.grammar import at, operations, reached
from harness.contract.inputs import body, parameters
from harness.contract.located import Fault, Path, mapping

# https://datatracker.ietf.org/doc/html/draft-fge-json-schema-validation-00, as far as OpenAPI 3.0 has it, and format.
_DRAFT_04 = {
    "additionalProperties", "allOf", "anyOf", "default", "description", "enum", "exclusiveMaximum", "exclusiveMinimum",
    "format", "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties",
    "minimum", "multipleOf", "not", "oneOf", "pattern", "properties", "required", "title", "type", "uniqueItems",
}  # fmt: skip
_BESIDE_A_REFERENCE = {"$ref", "description", "title"}
_INSTEAD = {
    "discriminator": "take it out: oneOf alone decides which schema is meant",
    "example": "move it out of the schema, beside it: a parameter and a media type have an example, too",
    "examples": "move it out of the schema, beside it: a parameter and a media type have examples, too",
    "nullable": "take it out; a client can leave a property out when required does not name it",
    "readOnly": "take the property out of the request's schema",
    "writeOnly": "take it out: what a request may hold stands here, what an answer holds in its own schema",
}
_SAY_IT = "take it out, or say it in description"


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield every keyword in a schema of a request that would not be understood."""
    for path in reached(document, _roots(document)):
        schema = mapping(at(document, path))
        if "$ref" in schema:
            for keyword in schema.keys() - _BESIDE_A_REFERENCE:
                wrong = f"{keyword} stands beside a $ref, where it is ignored"
                yield Fault((*path, keyword), wrong, "write allOf: [{$ref: …}, {…}]")
            continue
        for keyword in schema.keys() - _DRAFT_04:
            if keyword.startswith("x-"):
                continue
            wrong = f"{keyword} in a schema of a request, which JSON Schema draft-04 lacks"
            yield Fault((*path, keyword), wrong, _INSTEAD.get(keyword, _SAY_IT))


def _roots(document: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the schemas that requests are checked against."""
    for path, operation in operations(document):
        for owner in (path[:2], path):
            yield from ((*described, "schema") for _, described, _ in parameters(document, owner))
        if "requestBody" in operation:
            described, fields = body(document, path)
            yield from ((*described, "content", name, "schema") for name in mapping(fields.get("content")))
