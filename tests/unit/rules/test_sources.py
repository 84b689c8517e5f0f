"""What the rules know besides the plan: reasons of the role, figures of the service."""

from __future__ import annotations

from pathlib import Path

import pytest

import items.settings
from harness.rules import parse_constants, parse_permissions, read_sources
from harness.rules.sources import SourceError

GOOD = """
statements:
  - sid: S
    resource: table
    reason: r
    when: always
    through: []
    actions: [{name: a, why: w, required: true, drop: d}]
"""


def test_constants_are_read_without_running_the_file() -> None:
    assert parse_constants(
        "import os\nA: Final = 2\nB: int = A * 3 + sum(2**i for i in range(2))\nC: str = 'x'\nD = 5\n"
    ) == {
        "A": 2,
        "B": 9,
    }


def test_a_call_of_anything_else_is_not_made() -> None:
    with pytest.raises(SourceError, match="name 'open' is not defined"):
        parse_constants("A: Final = open('x')")


def test_what_is_no_arithmetic_is_left_out() -> None:
    assert parse_constants("A: Final = ().__class__.__mro__\nB: Final = [1]\nC: Final = {'a': 1}") == {}


def test_the_real_constants_are_what_python_says() -> None:
    found = read_sources().constants
    for name in ("SDK_WORST_CASE_SECONDS", "HANDLER_MARGIN_SECONDS", "TYPICAL_DURATION_SECONDS", "SDK_MAX_ATTEMPTS"):
        assert found[name] == getattr(items.settings, name)


@pytest.mark.parametrize("text", ["A: Final = 1 / 0", "A: Final = max(B, 1)", "A: Final = range(1.5)"])
def test_arithmetic_that_cannot_be_done_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="line 1"):
        parse_constants(text)


def test_permissions_are_read() -> None:
    (grant,) = parse_permissions(GOOD)
    assert (grant.sid, grant.resource, grant.when, grant.actions[0].name) == ("S", "table", "always", "a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "statements: 1",
        GOOD.replace("reason: r", "reason: ' '"),
        GOOD.replace("why: w", "why: ''"),
        GOOD.replace("drop: d", "drop: ''"),
        GOOD.replace("[{name: a, why: w, required: true, drop: d}]", "[]"),
        GOOD.replace("through: []", "through: dynamodb"),
        GOOD.replace("sid: S", "side: S"),
    ],
)
def test_a_permission_without_reason_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match=r"permissions\.yaml"):
        parse_permissions(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"permissions\.yaml"):
        read_sources(tmp_path)
