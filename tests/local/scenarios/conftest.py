"""Scenarios run last, on the stacks every other local test has used, and end in a report and in their destruction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.scenarios import Report

from harness.base.paths import REPORTS

_HERE = Path(__file__).parent
_LAST = ("test_report.py", "test_life.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Faults come after everybody else's tests, the report after the faults, and then what takes everything down."""
    items.sort(key=lambda item: (_HERE in item.path.parents, ("", *_LAST).index(_name(item))))


def _name(item: pytest.Item) -> str:
    return item.path.name if item.path.name in _LAST else ""


@pytest.fixture(scope="session")
def recorded() -> Iterator[Report]:
    found = Report()
    yield found
    found.write(REPORTS)


@pytest.fixture
def report(recorded: Report, request: pytest.FixtureRequest) -> Iterator[Report]:
    """The session's record; what a test adds to it stands under that test in the JUnit report, too."""
    before = len(recorded.scenarios)
    yield recorded
    request.node.user_properties += [entry.told() for entry in recorded.scenarios[before:]]
