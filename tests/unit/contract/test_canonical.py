"""One JSON for everybody: the same bytes every time, the same values in Python and Terraform, its service's name."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.base.paths import contract_source
from harness.contract import ContractError, canonical, compile_text
from harness.contract.yaml12 import load
from harness.facts import service_names
from harness.terraform.binary import find_terraform

OURS = {name: contract_source(name).read_text() for name in service_names()}
FIRST = next(iter(OURS.values()))

ODD = r"""
integers: [0, -0, 010, 0x1f, 9223372036854775807, -9223372036854775808]
fractions: [0.1, 1.0, -2.5e-7, 1e21, 3.141592653589793]
texts: [on, 2020-01-31, "é€😀", "\u0000\u001f\u007f", "${not} %{interpolated}", "<&>\\", "\u2028", ""]
200: {null: null, true: false, "": [], "a.b": {}}
"""


def told_by_terraform(file: Path) -> Any:
    """The JSON in a file as Terraform's jsondecode reads it."""
    expression = f'base64encode(jsonencode(jsondecode(file("{file}"))))'
    done = subprocess.run(
        [find_terraform(), "console"], cwd=file.parent, input=expression, capture_output=True, text=True, check=True
    )
    return json.loads(base64.b64decode(done.stdout.strip().strip('"')))


@pytest.mark.parametrize("text", [ODD, *OURS.values()], ids=["odd", *OURS])
def test_terraform_and_python_read_the_same(text: str, tmp_path: Path) -> None:
    data = canonical(load(text).document)
    (file := tmp_path / "contract.json").write_bytes(data)
    read = json.loads(data)
    assert told_by_terraform(file) == read
    # Parameters of a path are handed to each of its operations; all else is as it is written.
    assert text != ODD or read == load(text).document


def test_it_is_sorted_compact_and_utf_8() -> None:
    assert canonical(load("b: é\na: [1, 2.0, {d: ~, c: x}]").document) == (
        '{"a":[1,2,{"c":"x","d":null}],"b":"é"}'.encode()
    )


def test_an_operation_holds_all_that_belongs_to_it() -> None:
    """Parameters of its path, its own in their place, references followed; and nothing of it anywhere else."""
    text = """
paths:
  /a/{id}:
    description: kept
    parameters:
      - {name: id, in: path, required: true}
      - {name: limit, in: query}
      - {$ref: "#/components/parameters/Trace"}
    get:
      parameters: [{name: limit, in: query, required: true}, {name: limit, in: header}]
    put:
      requestBody: {$ref: "#/components/requestBodies/Thing"}
  /b: {get: {operationId: plain}}
components:
  parameters: {Trace: {name: X-Trace, in: header}}
  requestBodies: {Thing: {required: true}}
"""
    paths = json.loads(canonical(load(text).document))["paths"]
    path, limit = {"name": "id", "in": "path", "required": True}, {"name": "limit", "in": "query"}
    trace = {"name": "X-Trace", "in": "header"}
    assert paths == {
        "/a/{id}": {
            "description": "kept",
            "get": {"parameters": [path, limit | {"required": True}, trace, {"name": "limit", "in": "header"}]},
            "put": {"parameters": [path, limit, trace], "requestBody": {"required": True}},
        },
        "/b": {"get": {"operationId": "plain"}},
    }


def test_a_header_of_an_operation_takes_the_place_of_its_path_s_in_any_case() -> None:
    text = """
paths:
  /a:
    parameters: [{name: X-A, in: header}, {name: B, in: query}]
    get: {parameters: [{name: x-a, in: header, required: true}, {name: b, in: query}]}
"""
    operation = json.loads(canonical(load(text).document))["paths"]["/a"]["get"]
    assert operation["parameters"] == [
        {"name": "x-a", "in": "header", "required": True},
        {"name": "B", "in": "query"},
        {"name": "b", "in": "query"},
    ]


def test_no_reader_meets_extensions_beside_paths_and_inside_schemas() -> None:
    """Keep extensions of other objects, and properties and schemas whose names only look like extensions."""
    text = """
x-a: 1
paths:
  x-owner: {get: {}}
  /a:
    x-b: 2
    get:
      x-c: 3
      parameters: [{name: q, in: query, schema: {type: string, x-d: {$ref: nowhere}}}]
components:
  schemas: {x-e: {x-f: 1, properties: {x-g: {x-h: 1, enum: [{x-i: 1}]}}}}
"""
    assert json.loads(canonical(load(text).document)) == {
        "x-a": 1,
        "paths": {
            "/a": {
                "x-b": 2,
                "get": {"x-c": 3, "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]},
            }
        },
        "components": {"schemas": {"x-e": {"properties": {"x-g": {"enum": [{"x-i": 1}]}}}}},
    }


def test_what_changes_nothing_changes_no_byte() -> None:
    quoted = re.sub(r"(operationId: )(\w+)$", r'\1"\2"  # quoted', FIRST, flags=re.MULTILINE)
    assert quoted != FIRST
    assert compile_text(quoted.encode(), "x") == compile_text(FIRST.encode(), "x")


def test_json_is_a_contract_too() -> None:
    document = load(FIRST).document
    assert compile_text(json.dumps(document).encode(), "x") == canonical(document)


def test_the_error_has_a_head_and_a_line_a_problem() -> None:
    with pytest.raises(ContractError) as caught:
        compile_text(b"openapi: 3.0.3\na: .inf\nb: !x 1\n", "lambda/items/openapi.yaml")
    assert str(caught.value).splitlines() == [
        "lambda/items/openapi.yaml has 2 problems -> correct each, then run the same command again",
        "lambda/items/openapi.yaml:2: JSON has no number .inf: write a finite number, or text in quotes",
        "lambda/items/openapi.yaml:3: there is a tag, !x: write the value without it, in quotes if it is text",
    ]
    assert caught.value.exit_code == 2 and len(caught.value.problems) == 2


def test_a_file_that_is_not_utf_8_is_told_with_its_line() -> None:
    with pytest.raises(ContractError, match=r"x:2: this is no UTF-8: save the file as UTF-8"):
        compile_text(b"a: 1\nb: \xff\n", "x")
