"""Every rule of a contract: a break is told with line and remedy, all at once, and what is right is let through."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.base.paths import contract_source
from harness.contract import located
from harness.contract.compiling import canonical, check
from harness.contract.located import Lines, Loaded
from harness.contract.yaml12 import load
from harness.facts import service_names

OURS = [contract_source(name).read_text() for name in service_names()]

SMALL = """\
openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /a/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    put:
      operationId: putA
      parameters:
        - {name: limit, in: query, schema: {type: integer, default: 1}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}
      responses: {"204": {description: done}}
components:
  schemas:
    A:
      type: object
      properties:
        name: {type: string}
    Unused: {type: string}
"""
HERE = Path(__file__).parent
REFUSED: dict[str, dict[str, list[Any]]] = yaml.safe_load((HERE / "refused.yaml").read_text())
ACCEPTED: dict[str, list[list[str]]] = yaml.safe_load((HERE / "accepted.yaml").read_text())
NAME, LIMIT, UNUSED = "name: {type: string}", "schema: {type: integer, default: 1}", "Unused: {type: string}"


def changed(*changes: list[str]) -> str:
    """Replace texts of the small contract; every one must be there."""
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def told(text: str) -> list[str]:
    return [f"{one.line}: {one.wrong}: {one.instead}" for one in check(load(text))]


@pytest.mark.parametrize("name", REFUSED)
def test_every_problem_is_told_with_its_line_and_remedy(name: str) -> None:
    assert told(changed(*REFUSED[name]["change"])) == REFUSED[name]["problems"]
    assert REFUSED[name]["problems"]


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_right_is_let_through(name: str) -> None:
    assert told(changed(*ACCEPTED[name])) == []


def test_all_problems_at_once_each_once_in_the_order_of_their_lines() -> None:
    """Also those found by different rules, and one that an alias brings to two places."""
    text = changed(
        ['version: "1"', "version: 1"],
        [LIMIT, "schema: &bad {type: string, enum: [on, true]}"],
        [NAME, "name: *bad"],
        ["operationId: putA", "operationID: putA"],
        [UNUSED, 'Unused: {$ref: "#/components/schemas/B"}'],
    )
    found = told(text)
    assert [line.partition(":")[0] for line in found] == ["2", "7", "8", "10", "21"]
    assert len([line for line in found if "enum holds true" in line]) == 1


@pytest.mark.parametrize(
    ("at", "name"), [(NAME, "body"), (LIMIT, "query parameters"), ("true, schema: {type: string}", "path parameters")]
)
def test_a_schema_that_the_function_cannot_compile_is_told_at_its_operation(at: str, name: str) -> None:
    """Python nests no more than 20 blocks, so the validator's own code for more would end the function's start."""
    deep = "type: string"
    for _ in range(21):
        deep = f"type: string, anyOf: [{{{deep}}}, {{type: string}}]"
    assert told(changed([at, f"{at.partition('{')[0]}{{{deep}}}"])) == [
        f"7: the function's validator cannot compile the {name} of PUT /a/{{id}}: too many statically nested blocks: "
        "write the schema flatter, or in plainer words of JSON Schema draft-04"
    ]


def test_named_inputs_have_one_value() -> None:
    schema = "schema: {type: string, default: 2020-01-31, maxLength: 010, enum: [on, off, 2020-01-31]}"
    text = changed([LIMIT, schema], ['"204"', "200"])
    document = json.loads(canonical(load(text).document))
    operation = document["paths"]["/a/{id}"]["put"]
    assert operation["parameters"][-1]["schema"] == {
        "type": "string", "default": "2020-01-31", "maxLength": 10, "enum": ["on", "off", "2020-01-31"],
    }  # fmt: skip
    assert operation["responses"] == {"200": {"description": "done"}}


def test_a_long_or_many_lined_problem_stays_one_short_line() -> None:
    (line,) = told(changed([UNUSED, 'Unused: {type: string, pattern: "[' + "a\\n" * 500 + '"}']))
    assert "\n" not in line and len(line) < 600


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in children:
        yield from places(held, (*path, key))


CONTRACTS = [load(text).document for text in (SMALL, *OURS)]
CONTRACTS[0]["paths"]["x-owner"] = {"get": {}}
PLACES = [(number, path) for number, document in enumerate(CONTRACTS) for path in places(document) if path]
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1.5,
        "",
        "x",
        [],
        [[]],
        [{}],
        {},
        {"": {}},
        {"$ref": 1},
        {"$ref": "#/components/schemas/A"},
        {"allOf": [{"$ref": "#/components/schemas/A"}]},
        {"id": "http://[", "pattern": "^[$]$"},
        ["a", ["b"]],
    ]
)


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=150)
@given(st.sampled_from(PLACES), JUNK)
def test_no_document_whatever_is_in_it_ends_in_an_exception(
    place: tuple[int, tuple[str | int, ...]], junk: object
) -> None:
    number, path = place
    document: Any = copy.deepcopy(CONTRACTS[number])
    *above, last = path
    holder = document
    for step in above:
        holder = holder[step]
    holder[last] = junk
    for problem in check(Loaded(document, Lines())):
        assert problem.line == 1 and problem.wrong and problem.instead
        assert problem.wrong == located.one_line(problem.wrong)
