"""The contract is valid, is what the handler serves, and keeps to what the gateway understands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import openapi_spec_validator
import pytest
import yaml

from items import contract
from items.problems import Code, Problem

DOCUMENT = contract.load_document()
OPERATIONS = [
    (path, method, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]
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


def test_every_operation_has_a_route_and_every_route_an_operation(module: ModuleType) -> None:
    routes = {
        (route.method, re.sub(r"<\w+>", "{id}", route.path))
        for route in (*module.app._static_routes, *module.app._dynamic_routes)
    }
    assert routes == {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[o["operationId"] for _, _, o in OPERATIONS])
def test_every_operation_is_documented_whole(path: str, method: str, operation: dict[str, Any]) -> None:
    statuses = set(operation["responses"])
    assert operation["tags"] and operation["summary"]
    # 400 for a parameter nobody knows; 429 by the gateway; 500, 503, 504 by either.
    assert statuses >= {"400", "429", "500", "503", "504"}
    assert ("403" in statuses) == (operation.get("security", DOCUMENT["security"]) == [{"api_key": []}])
    assert ("404" in statuses) == ("{id}" in path)
    assert ({"413", "415"} <= statuses) == ("requestBody" in operation)
    assert ("412" in statuses) == any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", []))
    assert ("409" in statuses) == (method == "post")


def test_only_health_asks_for_no_key() -> None:
    assert [path for path, _, operation in OPERATIONS if operation.get("security") == []] == ["/health"]
    assert DOCUMENT["components"]["securitySchemes"]["api_key"] == {
        "type": "apiKey", "in": "header", "name": "x-api-key",
    }  # fmt: skip


def test_schemas_keep_to_what_the_gateway_understands() -> None:
    found = list(schemas(DOCUMENT))
    assert len(found) > 15
    assert set().union(*(keywords(schema) for schema in found)) <= KEYWORDS


def test_request_bodies_refer_to_nothing() -> None:
    for name in ("ItemCreate", "ItemReplace"):
        assert "$ref" not in json.dumps(DOCUMENT["components"]["schemas"][name])


def test_codes_are_documented() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", DOCUMENT["info"]["description"].split("**Parameters**")[0]))
    assert listed - {"code", "request_id"} == {str(code) for code in Code} | GATEWAY_CODES


def test_a_creation_links_to_what_can_be_done_next() -> None:
    links = DOCUMENT["paths"]["/items"]["post"]["responses"]["201"]["links"]
    assert {link["operationId"] for link in links.values()} == {"getItem", "replaceItem", "deleteItem"}


def test_examples_match_their_schemas() -> None:
    for operation in contract.operations(DOCUMENT).values():
        if operation.check_body is not None:
            body = DOCUMENT["paths"][operation.path][operation.method.lower()]["requestBody"]
            operation.read_body(body["content"]["application/json"]["example"])


def test_item_ids_cannot_reach_other_key_spaces() -> None:
    get = contract.operations(DOCUMENT)["getItem"]
    for bad in ("idem#abc", "a\n", "", "a" * 65, "a/b", "é", "٣"):
        with pytest.raises(Problem):
            get.read_parameters({("path", "id"): bad})
    assert get.read_parameters({("path", "id"): "a-_9Z"}) == {"id": "a-_9Z"}


def test_json_comes_before_yaml_and_needs_no_parser(tmp_path: Path) -> None:
    """As in the zip: contract.json beside the code, and no PyYAML to import."""
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump({"from": "yaml"}))
    assert contract.load_document(tmp_path) == {"from": "yaml"}
    (tmp_path / "contract.json").write_text(json.dumps(DOCUMENT))
    assert contract.load_document(tmp_path) == DOCUMENT
    script = (
        "import sys, pathlib; sys.modules['yaml'] = None; from items import contract;"
        f"print(len(contract.operations(contract.load_document(pathlib.Path({str(tmp_path)!r})))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONPATH": "lambda"}
    )
    assert done.stdout.strip() == "6"


@pytest.mark.parametrize("text", ["0", "101", "-1", "+5", "5.0", "05", " 5", "\u0665", "1e1", "", "9" * 5000, "null"])
def test_limit_is_a_plain_number_in_range(text: str) -> None:
    with pytest.raises(Problem) as caught:
        contract.operations(DOCUMENT)["listItems"].read_parameters({("query", "limit"): text})
    assert caught.value.code is Code.INVALID_PARAMETER


def test_defaults_come_from_the_contract() -> None:
    operations = contract.operations(DOCUMENT)
    assert operations["listItems"].read_parameters({}) == {"limit": 20}
    assert operations["createItem"].read_body({"name": "n"}) == {"name": "n", "description": "", "status": "active"}


def test_explanations_name_the_rule_and_repeat_nothing_from_outside() -> None:
    create = contract.operations(DOCUMENT)["createItem"]
    secret = "correct-horse"
    for body, expected in [
        ({"name": "n", secret: 1}, "The body: there is something in it that the contract does not know."),
        ({}, "The body: required are name."),
        ({"name": secret * 99}, "name: must satisfy maxLength 200."),
        ({"name": "n", "status": secret}, 'status: must satisfy enum ["active", "archived"].'),
        ([secret], 'The body: must satisfy type "object".'),
    ]:
        with pytest.raises(Problem) as caught:
            create.read_body(body)
        assert (caught.value.code, caught.value.detail) == (Code.INVALID_BODY, expected)
