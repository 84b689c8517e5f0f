"""A local AWS and a copy of the tree in which one release of Terraform is the only one that is found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.clone import Clone, clone_tree

from harness.localaws import control

_START_SECONDS = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--terraform", type=Path, required=True, help="folder with the program under test, named REL/program"
    )


@pytest.fixture(scope="session")
def program(pytestconfig: pytest.Config) -> Path:
    folder: Path = pytestconfig.getoption("--terraform")
    return folder / "terraform"


@pytest.fixture(scope="session")
def release(program: Path) -> str:
    """As its pins are named: ``1.15``."""
    return program.parents[1].name


@pytest.fixture(scope="session")
def clone(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A copy whose commands find the release first on PATH, and which has none of its own below ``build/``."""
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return clone_tree(tmp_path_factory.mktemp("clone"), PATH=path)


@pytest.fixture(scope="session")
def local_aws(clone: Clone) -> Iterator[None]:
    running = control.start(clone.root / "build" / "local", None, _START_SECONDS, die_with_parent=True)
    yield
    control.stop(running)
