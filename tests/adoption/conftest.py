"""The product that docs/adopt.md makes, with a local AWS of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adoption.walking import BEFORE, Walk, commit
from tests.support.clone import clone_tree

from harness.localaws import control

_HERE = Path(__file__).parent
_START_SECONDS = 60
_WALKS: list[Walk] = []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, before ``-m`` selects."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.local)
            item.add_marker(pytest.mark.own)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for walk in _WALKS:
        for line in walk.figures():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A copy to follow the page in; its ``make up`` finds a local AWS that runs on a free port."""
    walk = Walk(clone_tree(tmp_path_factory.mktemp("adopted") / "shop"))
    commit(walk.clone.root, "The blueprint")
    running = control.start(walk.clone.root / "build" / "local", None, _START_SECONDS, die_with_parent=True)
    _WALKS.append(walk)
    yield walk
    control.stop(running)


@pytest.fixture(scope="session")
def deployed(walk: Walk) -> Walk:
    """The product that the page made, still deployed."""
    walk.reach(BEFORE[-1])
    return walk
