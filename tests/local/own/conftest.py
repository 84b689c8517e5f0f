"""A local AWS for each test that wants one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.local.gaps.conftest import Emulator
from tests.support.durability import prepare, start, stop_what_is_left


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """A local AWS with what the tests write to; however it ended, nothing of it runs afterwards."""
    emulator = start(tmp_path / "state")
    prepare(emulator)
    yield emulator
    stop_what_is_left(tmp_path / "state")
