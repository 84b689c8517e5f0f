"""The contract is valid, is what the handler serves, and keeps to what the gateway understands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pytest
from tests.support.contract import document

from items.problems import Code as Own
from rest import contract
from rest.problems import Code, Problem

DOCUMENT = document("items")
COMPILED = {operation.operation_id: operation for operation in contract.operations(DOCUMENT).values()}
OPERATIONS = [(path, operation) for path, methods in DOCUMENT["paths"].items() for operation in methods.values()]
CASES = {operation["operationId"]: (path, operation) for path, operation in OPERATIONS}
GATEWAY_CODES = {"forbidden", "throttled", "quota_exceeded"}
"""Answered by the gateway before the function is asked."""

# JSON Schema draft-04 as API Gateway's models take it: no keyword that only OpenAPI knows.
KEYWORDS = {
    "$ref", "additionalProperties", "default", "description", "enum", "format", "items", "maxItems", "maxLength",
    "maximum", "minLength", "minimum", "pattern", "properties", "required", "type",
}  # fmt: skip


def schemas(node: object, name: str = "") -> Iterator[dict[str, Any]]:
    """Every schema below a node, outermost ones only."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "schema":
                yield value
            elif key == "schemas":
                yield from value.values()
            else:
                yield from schemas(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def keywords(schema: dict[str, Any]) -> set[str]:
    """All keywords of a schema and of those inside it."""
    found = set(schema)
    for value in schema.get("properties", {}).values():
        found |= keywords(value)
    return found | (keywords(schema["items"]) if "items" in schema else set())


def test_is_valid_openapi() -> None:
    openapi_spec_validator.validate(DOCUMENT)
    broken = json.loads(json.dumps(DOCUMENT))
    del broken["paths"]["/items/{id}"]["get"]["responses"]
    with pytest.raises(openapi_spec_validator.validation.exceptions.OpenAPIValidationError):
        openapi_spec_validator.validate(broken)


@pytest.mark.parametrize(("path", "operation"), CASES.values(), ids=CASES)
def test_every_operation_is_documented_whole(path: str, operation: dict[str, Any]) -> None:
    statuses = set(operation["responses"])
    assert operation["tags"] and operation["summary"]
    # 400 for a parameter nobody knows; 429 by the gateway; 500, 503, 504 by either.
    assert statuses >= {"400", "429", "500", "503", "504"}
    assert ("403" in statuses) == (operation.get("security", DOCUMENT["security"]) == [{"api_key": []}])
    assert ("404" in statuses) == ("{" in path)
    assert ({"413", "415"} <= statuses) == ("requestBody" in operation)
    assert ("412" in statuses) == any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", []))
    # A creation may meet what is there already.
    assert ("409" in statuses) == ("201" in statuses)


def test_only_health_asks_for_no_key() -> None:
    assert [path for path, operation in OPERATIONS if operation.get("security") == []] == ["/health"]
    assert DOCUMENT["components"]["securitySchemes"]["api_key"] == {
        "type": "apiKey", "in": "header", "name": "x-api-key",
    }  # fmt: skip


def test_schemas_keep_to_what_the_gateway_understands() -> None:
    found = list(schemas(DOCUMENT))
    assert len(found) > 15
    assert set().union(*(keywords(schema) for schema in found)) <= KEYWORDS


def test_codes_are_documented() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", DOCUMENT["info"]["description"].split("**Parameters**")[0]))
    assert listed - {"code", "request_id"} == {str(code) for code in (*Code, *Own)} | GATEWAY_CODES


def test_a_creation_links_to_what_can_be_done_next() -> None:
    links = DOCUMENT["paths"]["/items"]["post"]["responses"]["201"]["links"]
    assert {link["operationId"] for link in links.values()} == {"getItem", "replaceItem", "deleteItem"}


def test_examples_match_their_schemas() -> None:
    for (method, path), operation in contract.operations(DOCUMENT).items():
        if operation.check_body is not None:
            body = DOCUMENT["paths"][path][method.lower()]["requestBody"]
            operation.read_body(body["content"]["application/json"]["example"])


def test_item_ids_cannot_reach_other_key_spaces() -> None:
    get = COMPILED["getItem"]
    for bad in ("idem#abc", "a\n", "", "a" * 65, "a/b", "é", "٣"):
        with pytest.raises(Problem):
            get.read_parameters({"path": {"id": bad}})
    assert get.read_parameters({"path": {"id": "a-_9Z"}}).path == {"id": "a-_9Z"}


@pytest.mark.parametrize("limit", ["0", "101"])
def test_a_page_has_its_bounds(limit: str) -> None:
    with pytest.raises(Problem) as caught:
        COMPILED["listItems"].read_parameters({"query": {"limit": limit}})
    assert caught.value.code is Code.INVALID_PARAMETER


def test_defaults_come_from_the_contract() -> None:
    assert COMPILED["listItems"].read_parameters({}).query == {"limit": 20}
    assert COMPILED["createItem"].read_body({"name": "n"}) == {"name": "n", "description": "", "status": "active"}
