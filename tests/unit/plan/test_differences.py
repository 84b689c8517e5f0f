"""The one deep comparison: places that differ, and what counts as equal."""

from __future__ import annotations

import pytest

from harness.plan import SENSITIVE, UNKNOWN
from harness.plan.differences import below, equal, unlike
from harness.plan.values import NOTHING

ONE = {"a": [1, {"b": "x"}], "c": True, "d e": {"f": None}}


def places(other: object, one: object = ONE, **settings: bool) -> list[str]:
    return [found.path for found in unlike(one, other, **settings)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (ONE, []),
        ({**ONE, "a": [1.0, {"b": "x"}]}, []),
        ({**ONE, "a": [True, {"b": "x"}]}, ["a[0]"]),
        ({**ONE, "c": 1}, ["c"]),
        ({**ONE, "a": [1, {"b": "y", "g": 1}]}, ["a[1].b", "a[1].g"]),
        ({**ONE, "a": [1]}, ["a[1]"]),
        ({**ONE, "a": {}}, ["a"]),
        ({**ONE, "d e": {"f": 0}}, ['["d e"].f']),
        ({"a": ONE["a"], "c": True}, ['["d e"]']),
        ([ONE], [""]),
    ],
)
def test_every_place_that_differs_is_named(other: object, found: list[str]) -> None:
    assert places(other) == found
    assert equal(ONE, other) is not bool(found)


def test_lists_of_unequal_length_are_wholes_where_asked_for() -> None:
    assert places({**ONE, "a": [1]}, whole_lists=True) == ["a"]
    assert places({**ONE, "a": [2, {"b": "x"}]}, whole_lists=True) == ["a[0]"]


def test_what_stands_on_one_side_alone_is_told() -> None:
    (found,) = unlike([1], [1, 2], "x")
    assert (found.path, found.one, found.other) == ("x[1]", NOTHING, 2)


@pytest.mark.parametrize("mark", [UNKNOWN, SENSITIVE])
def test_a_mark_equals_nothing_unless_the_caller_says_so(mark: object) -> None:
    assert not equal({"a": mark}, {"a": mark})
    assert list(unlike({"a": mark}, {"a": mark}, same=lambda one, other: one is other)) == []


def test_a_key_that_is_no_plain_word_is_quoted() -> None:
    assert (below("a", "b-c"), below("", "b"), below("a", "b.c")) == ("a.b-c", "b", 'a["b.c"]')
