"""Versions of a state: which one is whole, what it would change, and which ones are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.base.errors import UsageError
from harness.operate.recovery.states import Version, choose, difference, parse

MADE = datetime(2026, 1, 31, tzinfo=UTC)


def _version(name: str, serial: int, resources: dict[str, str], **other: Any) -> Version:
    settings: dict[str, Any] = {"made": MADE, "newest": False, "deleted": False, "lineage": "one", **other}
    return Version(version_id=name, serial=serial, resources=resources, **settings)


OLD = _version("old", 1, {"a.x": "1", "a.y": "1"})
LAST = _version("last-good", 2, {"a.x": "2", "a.z": "1"})
GONE = _version("gone", -1, {}, deleted=True, newest=True, lineage="")


def test_what_a_version_would_change() -> None:
    change = difference(LAST, OLD)
    assert (change.added, change.removed, change.changed) == (("a.y",), ("a.z",), ("a.x",))
    assert difference(GONE, LAST).added == ("a.x", "a.z")


def test_last_is_the_newest_that_is_whole() -> None:
    cut = _version("cut", -1, {}, lineage="")
    assert choose((GONE, cut, LAST, OLD), "last", "key", "one") is LAST
    assert choose((GONE, cut, LAST, OLD), "old", "key", "one") is OLD


@pytest.mark.parametrize(
    "newest",
    [
        _version("empty", 1, {}, newest=True, lineage="two"),
        _version("another", 9, {"a.x": "9"}, newest=True, lineage="two"),
        _version("older", 1, {"a.x": "1"}, newest=True),
        _version("of another suffix", 9, {"a.x": "9"}, newest=True, foreign="is that of another stack"),
    ],
    ids=lambda version: version.version_id,
)
def test_what_was_put_in_the_place_of_the_last_one_is_not_it(newest: Version) -> None:
    assert choose((newest, LAST, OLD), "last", "key", "one") is LAST
    assert choose((newest, LAST, OLD), "old", "key", "") is OLD


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("nothing", "VERSION=nothing is not a version of key"),
        ("gone", "VERSION=gone of key is damaged, a deletion or another stack's"),
        ("foreign", "VERSION=foreign belongs to another state (lineage two)"),
    ],
)
def test_a_version_that_cannot_be_is_refused(asked: str, told: str) -> None:
    foreign = _version("foreign", 9, {}, lineage="two")
    newest = _version("now", 3, {}, newest=True)
    with pytest.raises(UsageError) as refused:
        choose((newest, GONE, foreign, OLD), asked, "key", "one")
    assert told in str(refused.value)


def test_nothing_whole_is_left() -> None:
    with pytest.raises(UsageError, match="VERSION=last is not a version"):
        choose((GONE,), "last", "key", "one")


@pytest.mark.parametrize("data", [b"", b'{"serial": 1, "lin', b"[]", b"null", b'"text"', b'{"serial": 1}', b"\xff\xfe"])
def test_what_is_no_state(data: bytes) -> None:
    assert parse(data) is None


def test_a_state_is_one() -> None:
    document = {"version": 4, "serial": 1, "lineage": "x", "resources": [], "outputs": {}}
    assert parse(json.dumps(document).encode()) == document


def test_a_line_says_what_a_version_is() -> None:
    assert GONE.line() == "gone  2026-01-31T00:00:00Z  deleted  (newest)"
    assert LAST.line() == "last-good  2026-01-31T00:00:00Z  serial 2, 2 resources"
    assert "damaged" in _version("cut", -1, {}).line()
