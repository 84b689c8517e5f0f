"""Tests of the tests: every module and root has cases, every condition in HCL has a case that breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.collecting import all_cases, rejections_of
from tests.support.hcl import parsed

from harness.base.paths import REPO

SOURCES = sorted([*(REPO / "modules").glob("*/"), *(REPO / "envs").glob("*/")])
_CHECKED_AT = re.compile(r"validation rule at .*?/([^/]+/[^/]+\.tf:\d+),")


def blocks(node: Any, kind: str) -> Iterator[Any]:
    """Every block of a kind below a node of parsed HCL."""
    if isinstance(node, dict):
        for name, part in node.items():
            if name == kind and isinstance(part, list):
                yield from part
            yield from blocks(part, kind)
    elif isinstance(node, list):
        for part in node:
            yield from blocks(part, kind)


def conditions(tree: Path, source: Path, kind: str) -> int:
    folder = tree / source.relative_to(REPO)
    return sum(len(list(blocks(parsed(file), kind))) for file in folder.glob("*.tf"))


def test_every_module_and_root_has_cases() -> None:
    assert set(all_cases()) == {source.name for source in SOURCES}


@pytest.mark.parametrize("module", sorted(path.name for path in (REPO / "modules").glob("*/")))
def test_every_module_has_a_case_that_it_takes(module: str) -> None:
    assert all_cases()[module].accepts


def test_every_deployable_root_has_an_inventory() -> None:
    inventories = {path.stem for path in (REPO / "tests" / "envs").glob("*.yaml")}
    assert inventories == {path.parent.name for path in (REPO / "envs").glob("*/main.tf")}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_validation_is_made_to_reject(source: Path, tree: Path, pytestconfig: pytest.Config) -> None:
    found = rejections_of(pytestconfig, source.name).result()
    hit = {match[1] for one in found if (match := _CHECKED_AT.search(one["detail"]))}
    total = conditions(tree, source, "validation")
    assert len(hit) == total, f"{total} validation blocks in {source.name}, rejected were: {sorted(hit)}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_precondition_is_made_to_reject(source: Path, tree: Path, pytestconfig: pytest.Config) -> None:
    found = rejections_of(pytestconfig, source.name).result()
    conditions_hit = {
        f"{one['range']['filename']}:{one['range']['start']['line']}"
        for one in found
        if one["summary"] == "Resource precondition failed"
    }
    total = conditions(tree, source, "precondition")
    assert len(conditions_hit) == total, f"{total} preconditions in {source.name}, broken were: {conditions_hit}"


def test_every_condition_is_counted(tree: Path) -> None:
    """The counts above come from parsed HCL; were the parser to miss blocks, every module would pass with none."""
    files = [file for source in SOURCES for file in (tree / source.relative_to(REPO)).glob("*.tf")]
    for kind in ("validation", "precondition"):
        written = sum(len(re.findall(rf"^\s*{kind} \{{", file.read_text(), re.MULTILINE)) for file in files)
        assert written == sum(conditions(tree, source, kind) for source in SOURCES) > 0
