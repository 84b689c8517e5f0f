"""Scenarios run on stacks of their own session, and end in a report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.scenarios import Report

from harness.base.paths import REPORTS

_HERE = Path(__file__).parent
_LAST = "test_report.py"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Faults come after everybody else's tests, the report after the faults."""
    items.sort(key=lambda item: (_HERE in item.path.parents, item.path.name == _LAST))


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
