"""A product without the worked example proves itself: tests are collected, plans, rules, parity and inventories hold.

Made by editing values, ``lambda/<service>/``, ``blueprint.yaml`` and names of folders alone.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.example import ENVIRONMENTS, lacking, left_out, needs_example
from tests.example import SERVICE as EXAMPLE
from tests.growth.growing import OTHER_NAMES, SERVICE, replace_example
from tests.support.clone import Clone, clone_tree
from tests.support.expectations import rewrite_environment
from tests.support.planning import Plans
from tests.support.trees import roots

from harness.base.paths import ACCOUNT, REPO
from harness.facts import read_blueprint, service_names
from harness.inventory.document import match, read_inventory
from harness.inventory.placeholders import Placeholders
from harness.parity.declared import Side, declarations_of, parity
from harness.rules import evaluate, read_sources
from harness.scan.exceptions import exceptions_of

pytestmark = pytest.mark.example

FILES = [*(REPO / "tests").rglob("test_*.py")]
MARKED = [path for path in FILES if needs_example(path)]
MARKED_ALONE = {path.name for path in MARKED} - {path.name for path in FILES if path not in MARKED}
"""Names that no other test file has."""
ONE = "tests/unit/parity/test_comparison_of_example.py"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A copy with a service and environments of its own, and nothing of the example."""
    clone = clone_tree(tmp_path_factory.mktemp("product") / "tree")
    replace_example(clone.root)
    # What documents may cite is what git knows.
    subprocess.run(["git", "init", "--quiet"], cwd=clone.root, check=True)
    return clone


@pytest.fixture(scope="module")
def plans(product: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plans]:
    made = Plans(tmp_path_factory.mktemp("plans"), product.root)
    yield made
    made.close()


def collected(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-o", f"cache_dir={tree / 'build' / 'cache' / 'p'}"]
    return subprocess.run([*command, *arguments], cwd=tree, capture_output=True, text=True, check=False)


def test_nothing_of_the_example_is_left(product: Clone) -> None:
    assert service_names(product.root) == (SERVICE,)
    assert tuple(read_blueprint(product.root).environments) == tuple(OTHER_NAMES.values())


def test_its_tests_are_collected_without_those_of_the_example_and_the_header_says_so(product: Clone) -> None:
    done = collected(product.root)
    assert done.returncode == 0, done.stdout[-2000:]
    (said,) = [line for line in done.stdout.splitlines() if line.startswith("left out: ")]
    assert said == left_out(REPO / "tests", lacking(product.root))[0]
    assert f"{len(MARKED)} test files" in said
    assert all(f"no {name}" in said for name in (f"service {EXAMPLE}", *(f"environment {one}" for one in ENVIRONMENTS)))
    modules = {line.strip().removeprefix("<Module ").removesuffix(">") for line in done.stdout.splitlines()}
    assert len(modules) > 100
    assert MARKED_ALONE
    assert not modules & MARKED_ALONE


def test_here_nothing_is_left_out() -> None:
    assert lacking() == []
    done = collected(REPO, ONE)
    assert done.returncode == 0, done.stdout
    assert "1 test collected" in done.stdout
    assert "left out" not in done.stdout


def test_inventories_hold_once_they_are_rewritten(product: Clone, plans: Plans) -> None:
    blueprint = read_blueprint(product.root)
    for root in roots(product.root):
        assert rewrite_environment(root, product.root), f"{root}: nothing differed from the example"
        file = product.root / "tests" / "envs" / f"{root}.yaml"
        expected = read_inventory(Placeholders(blueprint, root).fill(file.read_text()), file=file.name)
        assert [f"{one.address}: {one.message}" for one in match(plans.environment(root).result(), expected)] == []


def test_rules_and_parity_hold(product: Clone, plans: Plans) -> None:
    blueprint, sources = read_blueprint(product.root), read_sources(product.root)
    for name in blueprint.environments:
        report = evaluate(plans.environment(name).result(), environment=name, suffix=name, sources=sources)
        assert [f"{one.address}: {one.message}" for one in report.findings] == []
        if other := blueprint.compared_with(name):
            left, right = (Side(each, each, plans.environment(each).result()) for each in (other, name))
            found = parity(left, right, declarations_of(name, other, product.root))
            assert [f"{one.address}: {one.message}" for one in found] == []


def test_exceptions_went_with_what_they_were_about(product: Clone) -> None:
    waivers, faults = exceptions_of(product.root)
    assert faults == []
    named = {name for one in waivers for name in one.environments} - {"hcl"}
    assert named <= {ACCOUNT, *OTHER_NAMES.values()}
    assert {one.file for one in waivers} < {one.file for one in exceptions_of()[0]} | {
        f"envs/{name}/exceptions.yaml" for name in OTHER_NAMES.values()
    }


def test_no_test_outside_its_folder_imports_a_service(product: Clone) -> None:
    """Its linters would miss the package once the service is gone."""
    words = tuple(f"{how} {EXAMPLE}{end}" for how in ("import", "from") for end in (".", " ", "\n"))
    found = [
        str(path.relative_to(product.root))
        for path in (product.root / "tests").rglob("*.py")
        if any(line.lstrip().startswith(words) for line in path.read_text().splitlines(keepends=True))
    ]
    assert found == []
