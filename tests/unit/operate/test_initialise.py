"""A stack is initialised again when anything that Terraform reads only then has changed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.operate.planning import initialise
from harness.terraform.context import Context


def _context(folder: Path, done: list[Path]) -> Context:
    for name in (".terraform.lock.hcl", "backend.hcl", "main.tf"):
        (folder / name).write_text(name)
    runner = SimpleNamespace(init=lambda _, file: done.append(file))
    stack = SimpleNamespace(data_dir=folder / "data", root=folder, title="dev")
    aws = SimpleNamespace(endpoint="http://local")
    made = SimpleNamespace(stack=stack, backend={"bucket": "states"}, aws=aws, runner=runner)
    return cast(Context, cast(Any, made))


@pytest.mark.parametrize("name", [".terraform.lock.hcl", "backend.hcl", "main.tf"])
def test_a_changed_file_initialises_again(tmp_path: Path, name: str) -> None:
    done: list[Path] = []
    context = _context(tmp_path, done)
    for _ in range(2):
        initialise(context)
    assert done == [tmp_path / "backend.hcl"]
    (tmp_path / name).write_text("changed")
    initialise(context)
    assert len(done) == 2
