"""The product that docs/adopt.md makes, on a local AWS of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adoption.walking import SECTIONS, Walk, commit
from tests.support.clone import Clone, clone_tree

from harness.localaws import control

_HERE = Path(__file__).parent
_START_SECONDS = 60


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, before ``-m`` selects."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.local)
            item.add_marker(pytest.mark.own)


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Follow the page; ``make up`` finds a local AWS on a free port, and the page's own ``make down`` stops it."""
    walk = Walk(clone_tree(tmp_path_factory.mktemp("adopted") / "shop"))
    commit(walk.clone.root, "The blueprint")
    running = control.start(walk.clone.root / "build" / "local", None, _START_SECONDS, die_with_parent=True)
    try:
        for section in SECTIONS:
            walk.go(section)
        yield walk
    finally:
        control.stop(running)


@pytest.fixture(scope="session")
def product(walk: Walk) -> Clone:
    """The product, when the page could be followed to its end."""
    if walk.failure is not None:
        pytest.fail(f"docs/adopt.md could not be followed: {walk.failure[0]}")
    return walk.clone
