"""Tests of the tests: every module and root has cases, every condition in HCL has a case that breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.cases import Cases
from tests.support.collecting import all_cases, rejections_of
from tests.support.hcl import own_files, parsed
from tests.support.trees import roots

from harness.base.paths import REPO

MODULES = sorted((REPO / "modules").glob("*/"))
EXPECTATIONS = sorted([*(REPO / "tests/envs").glob("**/*.yaml"), *(REPO / "tests/modules").glob("*/cases.yaml")])
SOURCES = sorted([*MODULES, *(REPO / "envs").glob("*/")])
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
    """Count the blocks of a kind in a folder's own files; what it links to is counted where it stands."""
    files = own_files(tree / source.relative_to(REPO))
    return sum(len(list(blocks(parsed(file), kind))) for file in files)


def conditions_of_resources(tree: Path, source: Path) -> Iterator[Any]:
    """Yield the preconditions of resources; those of outputs need whole plans (``tests/envs/test_conditions.py``)."""
    for file in own_files(tree / source.relative_to(REPO)):
        yield from blocks(parsed(file).get("resource", []), "precondition")


def without_cases(folders: Iterable[Path], known: Iterable[str]) -> list[str]:
    """Say of every folder without cases where to write them."""
    missing = sorted({folder.name for folder in folders} - set(known))
    paths = {folder.name: folder for folder in folders}
    return [f"{name} has no cases: write tests/{paths[name].parent.name}/{name}/cases.yaml" for name in missing]


def test_every_module_and_every_folder_with_conditions_has_cases() -> None:
    conditional = [
        one for one in SOURCES if any(conditions(REPO, one, kind) for kind in ("validation", "precondition"))
    ]
    assert without_cases({*MODULES, *conditional}, all_cases()) == []


def test_a_module_without_cases_is_told_where_to_write_them() -> None:
    assert without_cases([REPO / "modules" / "queue"], {"table"}) == [
        "queue has no cases: write tests/modules/queue/cases.yaml"
    ]


def test_cases_are_of_something_that_is_there() -> None:
    assert set(all_cases()) <= {source.name for source in SOURCES}


@pytest.mark.parametrize("module", [path.name for path in MODULES])
def test_every_module_has_a_case_that_it_takes(module: str) -> None:
    assert all_cases().get(module, Cases()).accepts, f"write a case below accepts in tests/modules/{module}/cases.yaml"


def test_every_root_has_an_inventory() -> None:
    missing = set(roots()) - {path.stem for path in (REPO / "tests" / "envs").glob("*.yaml")}
    assert not missing, f"write tests/envs/<root>.yaml (make -s inventory ENV=<root>) for {', '.join(sorted(missing))}"


def test_every_inventory_is_of_a_root() -> None:
    assert {path.stem for path in (REPO / "tests" / "envs").glob("*.yaml")} <= set(roots())


@pytest.mark.parametrize("file", EXPECTATIONS, ids=lambda file: str(file.relative_to(REPO / "tests")))
def test_no_expectation_holds_the_hash_of_a_package(file: Path) -> None:
    """The package of the suite is a stand-in; ``test_package.py`` says what the hash is made from."""
    assert not re.findall(r"source_code_hash.*", file.read_text())


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
    total = len(list(conditions_of_resources(tree, source)))
    assert len(conditions_hit) == total, f"{total} preconditions in {source.name}, broken were: {conditions_hit}"


def test_every_condition_is_counted(tree: Path) -> None:
    """The counts above come from parsed HCL; were the parser to miss blocks, every module would pass with none."""
    files = [file for source in SOURCES for file in own_files(tree / source.relative_to(REPO))]
    for kind in ("validation", "precondition"):
        written = sum(len(re.findall(rf"^\s*{kind} \{{", file.read_text(), re.MULTILINE)) for file in files)
        assert written == sum(conditions(tree, source, kind) for source in SOURCES) > 0
