"""A copy of what the verbs edit, and a way to run them on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from harness.base.options import read_options
from harness.base.paths import REPO
from harness.scaffold.tree_edits import tell
from harness.verbs import new, remove, rename

VERBS: dict[str, ModuleType] = {"new": new, "remove": remove, "rename": rename}
Run = Callable[..., str]
Seen = dict[str, bytes | str]


def contents(tree: Path) -> Seen:
    """Return every file and link of a tree, with what it holds or leads to."""
    files = (file for file in tree.rglob("*") if file.is_symlink() or not file.is_dir())
    return {
        str(file.relative_to(tree)): str(file.readlink()) if file.is_symlink() else file.read_bytes() for file in files
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the parts that the verbs read and write."""
    left_out = shutil.ignore_patterns("__pycache__", ".terraform", "*.tfstate*")
    for part in ("envs", "lambda", "tests/envs", "tests/lambda", "requirements"):
        shutil.copytree(REPO / part, tmp_path / part, symlinks=True, ignore=left_out)
    for file in ("blueprint.yaml", "tests/survivors.yaml"):
        shutil.copy(REPO / file, tmp_path / file)
    return tmp_path


@pytest.fixture
def run(copy: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("new", SERVICE="orders")`` runs a verb on the copy and returns what it printed."""

    def call(verb: str, **given: str) -> str:
        assert tell(copy, VERBS[verb].computed(read_options(given), copy)) == 0
        return capsys.readouterr().out

    return call
