"""Clients of a served contract: every kind of break is told in a line, and nothing else is.

The cases stand in ``breaking.yaml``. That nothing which breaks passes for harmless is tried on random schemas, too,
with another judge: a validator, and every value of a small world.
"""

from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator
from tests.support.contract import document

from harness.contract import canonical
from harness.contract.breaking import breaking, major_raised
from harness.contract.containment import LIMITS
from harness.contract.narrowing import Sides
from harness.facts import service_names

CASES = yaml.safe_load((Path(__file__).parent / "breaking.yaml").read_text())


def compiled(changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the cases' contract, changed and compiled as ``make bundle`` does."""
    contract = copy.deepcopy(CASES["served"])
    for change in changes:
        *steps, last = change["at"]
        held = contract
        for step in steps:
            held = held[step]
        if change.get("gone"):
            del held[last]
            continue
        value = change.get("to")
        if "from" in change:
            value = contract
            for step in change["from"]:
                value = value[step]
        if isinstance(held, list) and last == len(held):
            held.append(None)
        held[last] = copy.deepcopy(value)
    return dict(json.loads(canonical(contract)))


SERVED = compiled([])


@pytest.mark.parametrize("changes", CASES["quiet"].values(), ids=CASES["quiet"].keys())
def test_no_client_notices(changes: list[dict[str, Any]]) -> None:
    wanted = compiled(changes)
    assert wanted != SERVED
    assert breaking(SERVED, wanted) == ()


@pytest.mark.parametrize("case", CASES["broken"].values(), ids=CASES["broken"].keys())
def test_a_break_is_told(case: dict[str, Any]) -> None:
    assert [str(one) for one in breaking(SERVED, compiled(case["change"]))] == case["told"]


def test_every_limit_has_a_case_that_breaks_it() -> None:
    told = " ".join(line for case in CASES["broken"].values() for line in case["told"])
    assert [name for name in LIMITS if f"is {name} " not in told and f"is no {name}" not in told] == []


def test_a_service_that_goes_takes_all_its_operations_along() -> None:
    gone = breaking(SERVED, {})
    assert [one.operation for one in gone] == ["GET /things", "GET /things/{id}", "POST /things"]
    assert {(one.was, one.now) for one in gone} == {("served", "removed")}


@pytest.mark.parametrize("service", service_names())
def test_a_contract_of_this_tree_does_not_break_itself(service: str) -> None:
    """Also when nothing of it is the same object and every reference is followed."""
    served, wanted = document(service), document(service)
    wanted["info"]["description"] = "Another text."
    assert breaking(served, wanted) == ()


@pytest.mark.parametrize(
    ("served", "wanted", "raised"),
    [
        ("1.4.2", "2.0.0", True),
        ("9.0.0", "10.0.0", True),
        ("0.3.0", "1.0.0", True),
        ("1", "2", True),
        ("1.4.2", "1.5.0", False),
        ("0.3.0", "0.4.0", False),
        ("2.0.0", "1.0.0", False),
        ("1.4.2", "1.4.2", False),
        ("1.4.2", "v2", False),
        ("first", "2.0.0", False),
        ("1.0.0", "2nd", False),
    ],
)
def test_only_a_higher_major_number_says_that_breaks_are_meant(served: str, wanted: str, raised: bool) -> None:
    assert major_raised({"info": {"version": served}}, {"info": {"version": wanted}}) is raised


_LISTS: list[Any] = [list(one) for size in range(3) for one in itertools.product(["", "ab", 1, 2], repeat=size)]
_OBJECTS: list[Any] = [
    {name: value for name, value in zip("xy", values, strict=True) if value != "-"}
    for values in itertools.product(["-", "a", "abc", 1, 3, ["ab"]], repeat=2)
]
WORLD: list[Any] = ["", "a", "b", "ab", "abc", 0, 1, 2, 3, 1.5, True, None, *_LISTS, *_OBJECTS]
"""Every value that is tried."""

_SMALL = st.integers(0, 3)
_FIELDS = st.lists(st.sampled_from("xy"), min_size=1, unique=True)
KEYWORDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "string": {
        "minLength": _SMALL,
        "maxLength": _SMALL,
        "pattern": st.sampled_from(["^a", "b"]),
        "enum": st.lists(st.sampled_from(["a", "ab", "abc"]), min_size=1, unique=True),
    },
    "integer": {
        "minimum": _SMALL,
        "maximum": _SMALL,
        "exclusiveMinimum": st.booleans(),
        "exclusiveMaximum": st.booleans(),
        "multipleOf": st.sampled_from([1, 2, 1.5]),
    },
    "object": {"required": _FIELDS, "minProperties": _SMALL, "maxProperties": _SMALL},
    "array": {"minItems": _SMALL, "maxItems": _SMALL, "uniqueItems": st.booleans()},
}
"""Type -> its keywords and their values."""
KEYWORDS["number"] = KEYWORDS["integer"]


def _of(kind: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    optional = {**KEYWORDS[kind], "nullable": st.booleans()}
    return st.fixed_dictionaries({"type": st.just(kind), **parts}, optional=optional)


def _larger(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    # Objects say everything of fields that they do not name: of others nobody is thought to send any.
    rest = st.one_of(st.just(False), inner)
    objects = _of("object", properties=st.dictionaries(st.sampled_from("xy"), inner), additionalProperties=rest)
    several = st.lists(inner, min_size=1, max_size=2)
    parts = st.sampled_from(["allOf", "anyOf", "oneOf"]).flatmap(lambda name: st.fixed_dictionaries({name: several}))
    return st.one_of(objects, _of("array", items=inner), parts, inner.map(lambda schema: {"not": schema}))


_LEAF = st.one_of(_of("string"), _of("integer"), _of("number"))
SCHEMAS = st.recursive(_LEAF, _larger, max_leaves=4)


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw a schema and the same with one thing changed: two drawn apart have nothing to do with each other."""
    served = draw(SCHEMAS)
    wanted = copy.deepcopy(served)
    places = [wanted]
    for place in places:
        places += _inside(place)
    place = draw(st.sampled_from(places))
    known = KEYWORDS.get(place.get("type", ""), {})
    changes: list[st.SearchStrategy[tuple[str, Any]]] = [
        *(st.tuples(st.just(name), st.none()) for name in place if name != "additionalProperties"),
        *(st.tuples(st.just(name), values) for name, values in known.items()),
    ]
    name, value = draw(st.one_of(changes))
    if value is None:
        del place[name]
    else:
        place[name] = value
    return served, wanted


def _inside(schema: dict[str, Any]) -> list[dict[str, Any]]:
    several = [schema.get(name) for name in ("items", "not", "additionalProperties")]
    listed = [one for name in ("allOf", "anyOf", "oneOf") for one in schema.get(name, [])]
    return [one for one in (*several, *listed, *schema.get("properties", {}).values()) if one]


def _surprises(sent: dict[str, Any], taken: dict[str, Any]) -> list[Any]:
    """Return values that one schema takes and the other does not."""
    one, other = OAS30Validator(sent), OAS30Validator(taken)
    return [value for value in WORLD if one.is_valid(value) and not other.is_valid(value)]


@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(_pairs())
def test_what_is_called_harmless_refuses_nothing_that_was_accepted(pair: Any) -> None:
    served, wanted = pair
    if not list(Sides({}, {}).differences(served, wanted)):
        assert _surprises(served, wanted) == []
    assert list(Sides({}, {}).differences(served, copy.deepcopy(served))) == []


@settings(max_examples=400, deadline=None, derandomize=True)
@given(_LEAF, _LEAF)
def test_what_is_called_harmless_answers_nothing_new(served: dict[str, Any], wanted: dict[str, Any]) -> None:
    if not list(Sides({}, {}, answers=True).differences(served, wanted)):
        assert _surprises(wanted, served) == []


def test_an_operation_that_moved_is_held_against_the_contract_that_has_it() -> None:
    """Unless its own contract has it still; the other's references are followed in the other."""

    def contract(path: str, kind: str) -> dict[str, Any]:
        body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}}
        operation = {"requestBody": body, "responses": {}}
        return {"paths": {path: {"post": operation}}, "components": {"schemas": {"Body": {"type": kind}}}}

    served = contract("/a", "string")
    away = contract("/b", "string")
    away["components"]["schemas"]["Body"]["type"] = "integer"
    assert [one.now for one in breaking(served, away)] == ["removed"]
    assert breaking(served, away, [contract("/a", "string")]) == ()
    (narrower,) = breaking(served, contract("/b", "string"), [contract("/a", "integer")])
    assert (narrower.was, narrower.now) == ('type "string"', 'type "integer"')
    assert breaking(served, contract("/a", "string") | {"tags": []}, [contract("/a", "integer")]) == ()
