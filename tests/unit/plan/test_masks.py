"""Masks compose, in plans of the real Terraform: sensitive over unknown over value, and no neighbour is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inventory.expect import Operator, compare
from harness.plan import SENSITIVE, UNKNOWN, Plan, is_marked, read_plan
from harness.plan.values import mask

RECORDED = Path(__file__).parent / "recorded" / "masks.json"
PLAN: Plan = read_plan(RECORDED.read_bytes())
OBJECT = {"secret": SENSITIVE, "later": UNKNOWN, "plain": "plain"}
INPUTS: dict[str, Any] = {
    "list": SENSITIVE,
    "tuple": [SENSITIVE, UNKNOWN, "plain"],
    "object": {**OBJECT, "empty": None},
    "map": OBJECT,
    "set": ["plain", UNKNOWN],
    "secret_set": SENSITIVE,
    "nested": [{"inner": [SENSITIVE, OBJECT], "plain": "plain"}],
    "later_secret": {"both": SENSITIVE, "plain": "plain"},
}


def same(one: object, other: object) -> bool:
    """Compare with marks by identity; they equal nothing otherwise."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one is other or (not is_marked(one) and not is_marked(other) and one == other)


@pytest.mark.parametrize("name", INPUTS)
def test_a_value_of_terraform_reads_with_both_masks(name: str) -> None:
    found = PLAN.resource(f"terraform_data.{name}").value("input")
    assert same(found, INPUTS[name]), found


@pytest.mark.parametrize("name", INPUTS)
def test_nothing_of_a_secret_is_shown(name: str) -> None:
    assert "hunter2" in RECORDED.read_text()
    assert "hunter" not in repr(PLAN.resource(f"terraform_data.{name}").after)


@pytest.mark.parametrize("path", ["input", "input[0]", "input[2]"])
def test_no_expectation_but_sensitive_holds_on_a_secret(path: str) -> None:
    got = PLAN.resource("terraform_data.list").value(path)
    for tag, argument in (("absent", ""), ("unknown", ""), ("regex", ".*"), ("json", {}), ("from", "x")):
        assert list(compare(got, Operator(tag, argument), path, lambda _: frozenset()))
    assert list(compare(got, None, path, lambda _: frozenset()))
    assert not list(compare(got, Operator("sensitive", ""), path, lambda _: frozenset()))


@pytest.mark.parametrize(
    ("value", "unknown", "sensitive", "expected"),
    [
        ("text", {"a": True}, False, UNKNOWN),
        ("text", False, {"a": True}, SENSITIVE),
        ("text", {"a": True}, [True], SENSITIVE),
        ({"a": 1}, [True], False, UNKNOWN),
        ([1], {"a": True}, False, UNKNOWN),
        ([1], False, [False, False, True], [1, UNKNOWN, SENSITIVE]),
        (None, [False, True], False, [UNKNOWN, UNKNOWN]),
        (None, {"a": {"b": True}}, False, {"a": {"b": UNKNOWN}}),
        ({"a": None}, {"b": True}, {"c": {"d": True}}, {"a": None, "b": UNKNOWN, "c": {"d": SENSITIVE}}),
        ({"a": 1}, {"b": False, "c": True}, {"d": [], "e": {"f": False}}, {"a": 1, "c": UNKNOWN}),
        ({"a": [1, 2]}, {"a": [False, False]}, {"a": []}, {"a": [1, 2]}),
    ],
)
def test_masks_of_another_shape_than_the_value(value: Any, unknown: Any, sensitive: Any, expected: Any) -> None:
    found = mask(value, unknown, sensitive)
    assert same(found, expected), found


LEAVES = st.sampled_from(["plain", None, UNKNOWN, SENSITIVE])
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)


def split(tree: Any) -> tuple[Any, Any, Any]:
    """Write a tree as Terraform does: its value with a null for what is unknown, and its two masks."""
    if tree is UNKNOWN:
        return None, True, False
    if tree is SENSITIVE:
        return ["hunter2"], [True], True
    if isinstance(tree, dict):
        parts = {key: split(part) for key, part in tree.items()}
        known = {key: part[0] for key, part in parts.items() if part[1] is not True}
        return known, {key: part[1] for key, part in parts.items()}, {key: part[2] for key, part in parts.items()}
    if isinstance(tree, list):
        listed = [split(part) for part in tree]
        return [part[0] for part in listed], [part[1] for part in listed], [part[2] for part in listed]
    return tree, False, False


@given(tree=TREES)
def test_any_tree_of_marks_reads_as_it_was_written(tree: Any) -> None:
    assert same(mask(*split(tree)), tree)
