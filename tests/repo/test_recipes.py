"""Steps of CONTRIBUTING.md's recipes name tests that are there."""

from __future__ import annotations

import re

import pytest

from harness.base.paths import REPO

TEXT = (REPO / "CONTRIBUTING.md").read_text()
RECIPES = TEXT.partition("\n## Recipes\n")[2].partition("\n## ")[0]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def absent(text: str) -> list[str]:
    """List tests that a text names and that are not there."""
    return [
        f"{file}::{name}"
        for file, name in _TEST.findall(text)
        if not (REPO / file).is_file() or f"def {name}(" not in (REPO / file).read_text()
    ]


def test_every_test_that_is_named_is_there() -> None:
    assert absent(RECIPES) == []
    assert len(_TEST.findall(RECIPES)) > 15


@pytest.mark.parametrize("recipe", RECIPES.split("\n### ")[1:], ids=lambda text: text.partition("\n")[0])
def test_a_recipe_has_numbered_steps_in_order(recipe: str) -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", recipe, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 1


def test_a_test_that_went_is_found() -> None:
    gone = "`tests/repo/test_recipes.py::test_gone` and `tests/gone.py::test_it`"
    assert absent(gone) == ["tests/repo/test_recipes.py::test_gone", "tests/gone.py::test_it"]
