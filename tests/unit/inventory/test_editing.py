"""YAML is edited where it must be, and every other byte stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.inventory.document import InventoryError, load
from harness.inventory.editing import edited
from harness.inventory.suggest import dump

TEXT = """\
# What a plan shows.
counts: {aws_x: 1, aws_y: 2}   # two of them
resources:
  # the table
  aws_x.this:
    name: t-x   # its name
    size: 10

    policy: !json
      Statement:
      - Action:
        - read
        - write   # and more
        Effect: Allow
      # the second
      - Action: list
        Effect: Allow
    key: !from aws_k.this.arn
    tags: {A: one, "b c": 'two'}
  aws_y.this["k"]:
    list:
    - - a
      - b
    - - c
    # what is said
    note: |
      of two
      lines
    gone: !absent
  # the end
"""
POLICY: Any = ["resources", "aws_x.this", "policy"]


def document() -> Any:
    return copy.deepcopy(load(TEXT, file="x"))


def changed(*path: Any, value: Any) -> str:
    """The text after the value at a path was changed; a value of ``...`` takes the entry away."""
    wanted = document()
    node = wanted
    for step in path[:-1]:
        node = node[step]
        node = node.argument if hasattr(node, "argument") else node
    if value is ...:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return edited(TEXT, wanted, file="x")


def lines(text: str) -> tuple[list[str], list[str]]:
    """Lines that only the original has, and lines that only ``text`` has."""
    old, new = TEXT.splitlines(), text.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_what_means_the_same_already_is_not_touched() -> None:
    assert edited(TEXT, document(), file="x") == TEXT


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (["resources", "aws_x.this", "name"], "t-y", ["    name: t-x   # its name"], ["    name: t-y   # its name"]),
        (["resources", "aws_x.this", "size"], True, ["    size: 10"], ["    size: true"]),
        (["counts", "aws_y"], 3, ["counts: {aws_x: 1, aws_y: 2}   # two of them"],
         ["counts: {aws_x: 1, aws_y: 3}   # two of them"]),
        (["counts", "aws_z"], 1, ["counts: {aws_x: 1, aws_y: 2}   # two of them"],
         ["counts: {aws_x: 1, aws_y: 2, aws_z: 1}   # two of them"]),
        ([*POLICY, "Statement", 0, "Action", 0], "x", ["        - read"], ["        - x"]),
        ([*POLICY, "Statement", 0, "Action", 0], ..., ["        - read"], []),
        ([*POLICY, "Statement", 0, "Action", 1], ..., ["        - write   # and more"], []),
        ([*POLICY, "Statement", 0], ..., ["      - Action:", "        - read", "        - write   # and more"], []),
        ([*POLICY, "Statement", 1], ..., ["      - Action: list"], []),
        ([*POLICY, "Statement", 0, "Effect"], "Deny", [], ["        Effect: Deny"]),
        ([*POLICY, "Version"], "2012-10-17", [], ["      Version: '2012-10-17'"]),
        (["resources", "aws_x.this", "tags", "A"], "1", ["""    tags: {A: one, "b c": 'two'}"""],
         ["""    tags: {A: '1', "b c": 'two'}"""]),
        (["resources", "aws_x.this", "tags"], {"A": "one"}, ["""    tags: {A: one, "b c": 'two'}"""],
         ["    tags: {A: one}"]),
        (["resources", "aws_y.this[\"k\"]", "list", 0], ["a"], ["      - b"], []),
        (["resources", "aws_y.this[\"k\"]", "list", 1], ["c", "d"], [], ["      - d"]),
        (["resources", "aws_y.this[\"k\"]", "list"], 1, ["    list:", "    - - a", "      - b", "    - - c"],
         ["    list: 1"]),
        (["resources", "aws_y.this[\"k\"]", "note"], "short", ["    note: |", "      of two", "      lines"],
         ["    note: short"]),
        (["resources", "aws_y.this[\"k\"]", "gone"], {"a": [1]}, ["    gone: !absent"],
         ["    gone:", "      a:", "      - 1"]),
        (["resources", "aws_y.this[\"k\"]", "gone"], ..., ["    gone: !absent"], []),
        (["resources", "aws_y.this[\"k\"]", "new"], [{"a": 1, "b": 2}], [], ["    new:", "    - a: 1", "      b: 2"]),
    ],
)  # fmt: skip
def test_nothing_but_the_entry_is_changed(path: list[Any], value: Any, before: list[str], after: list[str]) -> None:
    assert lines(changed(*path, value=value)) == (before, after)


def test_an_entry_is_renamed_where_it_stands() -> None:
    wanted = document()
    wanted["resources"] = {key.replace("aws_x.this", 'module.a["b"].aws_x.this'): part
                           for key, part in wanted["resources"].items()}  # fmt: skip
    assert lines(edited(TEXT, wanted, file="x")) == (["  aws_x.this:"], ['  module.a["b"].aws_x.this:'])


def test_an_entry_is_put_in_before_the_first() -> None:
    wanted = document()
    wanted["resources"] = {"aws_a.this": {"b": 1}, **wanted["resources"]}
    assert edited(TEXT, wanted, file="x") == TEXT.replace("  aws_x.this", "  aws_a.this:\n    b: 1\n  aws_x.this")


def test_an_entry_is_put_in_behind_a_last_line_without_end() -> None:
    assert edited("a:\n  b: 1", {"a": {"b": 1, "c": 2}}, file="x") == "a:\n  b: 1\n  c: 2\n"


def test_the_first_entry_of_an_element_is_taken_away() -> None:
    assert edited("a:\n- b: 1\n  c: 2\n- d\n", {"a": [{"c": 2}, "d"]}, file="x") == "a:\n- c: 2\n- d\n"


ANCHORED = "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\nf:\n- *x\n- 1\n"


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"c": {"b": 2}}, ANCHORED.replace("c: *x", "c: {b: 2}")),
        ({"d": {"b": 1, "e": 3}}, ANCHORED.replace("e: 2", "e: 3")),
        ({"f": [{"b": 1}, 2]}, ANCHORED.replace("- 1", "- 2")),
        ({"f": [1]}, ANCHORED.replace("- *x\n", "")),
    ],
)
def test_what_stands_behind_an_alias_is_changed_there_alone(wanted: dict[str, Any], text: str) -> None:
    got: Any = load(edited(ANCHORED, {**dict(load(ANCHORED, file="x")), **wanted}, file="x"), file="x")  # type: ignore[call-overload]
    assert got == {**dict(load(ANCHORED, file="x")), **wanted}  # type: ignore[call-overload]
    assert got == load(text, file="x")


@pytest.mark.parametrize("wanted", [{"a": {"b": 2}}, {"a": 1}, {"d": {"e": 2}}])
def test_what_cannot_be_changed_in_place_is_refused(wanted: dict[str, Any]) -> None:
    document: Any = load(ANCHORED, file="x")
    with pytest.raises(InventoryError, match=r"x\.yaml: cannot be changed in place"):
        edited(ANCHORED, {**document, **wanted}, file="x.yaml")


SCALARS = st.one_of(st.integers(), st.booleans(), st.none(), st.text(alphabet="ab -#:,{}[]'\"!&*?|>%@\n0", max_size=12))
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="abc-#0: ", max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abcdef"), VALUES, min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(old=DOCUMENTS, new=DOCUMENTS, flow=st.booleans())
def test_any_document_becomes_any_other(old: dict[str, Any], new: dict[str, Any], flow: bool) -> None:
    text = dump({"top": old, "flow": [1]}) if not flow else f"top: {dump(old, flow=True)}flow: [1]\n"
    wanted = {"top": new, "flow": [1]}
    assert load(edited(text, wanted, file="x"), file="x") == wanted
