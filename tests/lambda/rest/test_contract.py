"""The contract as validators: what it declares is checked, what is refused is named by field and rule alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.small_app import CONTRACT

from rest import contract
from rest.problems import Code, Problem

COMPILED = {operation.operation_id: operation for operation in contract.operations(CONTRACT).values()}
SECRET = "correct-horse"


def test_operations_are_found_by_method_and_path() -> None:
    assert {place: one.operation_id for place, one in contract.operations(CONTRACT).items()} == {
        ("GET", "/shelves"): "listShelves",
        ("POST", "/shelves"): "makeShelf",
        ("GET", "/shelves/{id}"): "getShelf",
    }


def test_two_operations_of_one_id_are_refused() -> None:
    shelf = CONTRACT["paths"]["/shelves/{id}"]
    with pytest.raises(contract.ContractError, match=r"^several operations have the operationId getShelf: give each "):
        contract.operations({**CONTRACT, "paths": {**CONTRACT["paths"], "/copies/{id}": shelf}})


def test_the_contract_beside_the_service_is_json_and_needs_no_yaml_parser(tmp_path: Path) -> None:
    """As in the zip: one contract.json in a folder of its top, and no PyYAML to import."""
    (tmp_path / "shelves").mkdir()
    (tmp_path / "shelves" / "contract.json").write_text(json.dumps(CONTRACT))
    (tmp_path / "other").mkdir()
    script = (
        "import sys, pathlib; sys.modules['yaml'] = None; from rest import contract;"
        f"print(len(contract.operations(contract.load_document(pathlib.Path({str(tmp_path)!r})))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONPATH": "lambda"}
    )
    assert done.stdout.strip() == "3"


@pytest.mark.parametrize("services", [(), ("one", "other")])
def test_a_zip_of_no_or_of_several_contracts_is_refused(tmp_path: Path, services: tuple[str, ...]) -> None:
    for name in services:
        (tmp_path / name).mkdir()
        (tmp_path / name / "contract.json").write_text("{}")
    with pytest.raises(contract.ContractError, match=f"^{len(services)} services below .* have a contract.json: "):
        contract.load_document(tmp_path)


@pytest.mark.parametrize("text", ["0", "-1", "+5", "5.0", "05", " 5", "\u0665", "1e1", "", "9" * 5000, "null"])
def test_an_integer_is_a_plain_number_in_range(text: str) -> None:
    with pytest.raises(Problem) as caught:
        COMPILED["listShelves"].read_parameters({"query": {"limit": text}})
    assert caught.value.code is Code.INVALID_PARAMETER


def test_defaults_come_from_the_contract() -> None:
    assert COMPILED["listShelves"].read_parameters({}).query == {"limit": 5}
    assert COMPILED["makeShelf"].read_body({"name": "n"}) == {"name": "n", "kind": "oak"}


def test_what_an_answer_may_carry_is_in_operations_and_components() -> None:
    assert contract.response_headers(CONTRACT) == {"Location", "X-Pause", "X-Total"}
    assert contract.response_headers({"paths": {"/x": {"get": {"operationId": "x"}}}}) == set()


@pytest.mark.parametrize(
    ("body", "told", "logged"),
    [
        (
            {"name": "n", "secret": SECRET},
            "property secret: the contract does not declare this property.",
            "the contract does not declare this property.",
        ),
        (
            {"name": "n", "battery staple": SECRET},
            "The body: the contract does not declare this property.",
            "the contract does not declare this property.",
        ),
        ({}, "property name: is required.", None),
        ({"name": SECRET}, "property name: must satisfy maxLength 8.", None),
        ({"name": "n", "kind": SECRET}, 'property kind: must satisfy enum ["oak", "elm"].', None),
        ([SECRET], 'The body: must satisfy type "object".', None),
    ],
)
def test_a_refusal_names_field_and_rule_and_repeats_no_value(body: Any, told: str, logged: str | None) -> None:
    """A name that the client made up is told to the client alone; the log gets only what the contract itself says."""
    with pytest.raises(Problem) as caught:
        COMPILED["makeShelf"].read_body(body)
    assert (caught.value.code, caught.value.document("r")["detail"]) == (Code.INVALID_BODY, told)
    assert caught.value.detail == (logged or told)


def test_a_field_inside_another_is_named_by_its_path() -> None:
    inner = {
        "type": "object",
        "required": ["size"],
        "additionalProperties": False,
        "properties": {"size": {"type": "integer"}},
    }
    schema = {
        "type": "object",
        "properties": {"box": {"$ref": "#/components/schemas/Box"}, "list": {"type": "array", "items": inner}},
    }
    operation = {"operationId": "x", "requestBody": {"content": {"application/json": {"schema": schema}}}}
    (compiled,) = contract.operations(
        {"paths": {"/x": {"post": operation}}, "components": {"schemas": {"Box": inner}}}
    ).values()
    for body, told in [
        ({"box": {}}, "property box.size: is required."),
        ({"box": {"size": "9"}}, 'property box.size: must satisfy type "integer".'),
        (
            {"list": [{"size": 1}, {"size": 1, "x": 2}]},
            "property list.1.x: the contract does not declare this property.",
        ),
    ]:
        with pytest.raises(Problem) as caught:
            compiled.read_body(body)
        assert caught.value.document("r")["detail"] == told


def test_a_required_parameter_is_named() -> None:
    """The gateway refuses such a request before; the function does not rely on it."""
    parameter = {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}
    operation = {"operationId": "x", "parameters": [parameter]}
    # A contract need not have components.
    (compiled,) = contract.operations({"paths": {"/x": {"get": operation}}}).values()
    assert compiled.read_parameters({"query": {"page": "1"}}).query == {"page": 1}
    with pytest.raises(Problem) as caught:
        compiled.read_parameters({"query": {}})
    assert caught.value.detail == "query parameter page: is required."


def test_a_value_that_looks_like_a_reference_is_a_value() -> None:
    schema = {"type": "string", "enum": ["#/components/schemas/A"]}
    operation = {"operationId": "x", "requestBody": {"content": {"application/json": {"schema": schema}}}}
    (compiled,) = contract.operations({"paths": {"/x": {"post": operation}}, "components": {"schemas": {}}}).values()
    assert compiled.check_body is not None
    assert compiled.check_body("#/components/schemas/A") == "#/components/schemas/A"
