"""The suite plans on fast lanes. The stock CLI, driven by tftest with the lock file verified, plans the same.

Compared is the whole JSON, path by path, but for what differs between two runs of the stock CLI itself
(:mod:`harness.fastlane.equality`). The roots, planned side by side: every environment's, and one that makes the calls
of every accepted case of every module. That one root stands for the suite's batches, a root a module: five stock plans
less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import tftest
from tests.support.collecting import all_cases
from tests.support.planning import Plans, write_batch, write_state
from tests.support.trees import copy_tree

from harness.base.paths import CACHE, REPO
from harness.facts import read_blueprint
from harness.fastlane.equality import differences, normalise
from harness.fastlane.lane import Lane
from harness.fastlane.provider import locked_provider
from harness.plan import Plan, read_plan
from harness.terraform.binary import find_terraform, terraform_environment
from harness.terraform.sandbox import LOCK

CASES = "every-case"
ROOTS = (*read_blueprint().environments, CASES)


def copy(tree: Path, folder: Path) -> Path:
    """A copy of the tree with the root of all cases; returns the folder of its roots."""
    copy_tree(tree, folder)
    write_batch(folder, CASES, [case.call for cases in all_cases().values() for case in cases.accepts.values()])
    for name in ROOTS[:-1]:
        write_state(folder / "envs" / name, [])
    return folder / "envs"


@pytest.fixture(scope="module")
def stock(plans: Plans, tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[bytes]]]:
    """Every root's plan by the stock CLI, in a copy of its own: tftest deletes the lock file of where it worked."""
    folder = tmp_path_factory.mktemp("stock")
    roots = copy(tree, folder / "tree")

    def plan(name: str) -> bytes:
        test = tftest.TerraformTest(str(roots / name), binary=str(find_terraform()))
        # tftest lays its env over the process's; ours replaces it, or the user's AWS settings leak in. It never
        # caches here: its key leaves the modules out.
        test.env = {**plans.env, **terraform_environment(folder / f"data-{name}")}
        test.setup(lockfile="readonly")
        # Nothing exists but what a case is given, and that in its state file alone: nothing to refresh from.
        test.execute_command("plan", "-input=false", "-no-color", "-refresh=false", "-out=plan.bin")
        return str(test.execute_command("show", "-no-color", "-json", "plan.bin").out).encode()

    with ThreadPoolExecutor(len(ROOTS)) as threads:
        yield {name: threads.submit(plan, name) for name in ROOTS}


@pytest.fixture(scope="module")
def lane(plans: Plans, tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lane, Path]]:
    """A lane and its own copy of the roots. One for all, so that what it remembers of one could show in another."""
    roots = copy(tree, tmp_path_factory.mktemp("lane") / "tree")
    provider = locked_provider(find_terraform(), roots / ROOTS[0] / LOCK, CACHE / "fastlane", plans.env)
    with Lane(find_terraform(), provider, CACHE / "fastlane", plans.env) as ours:
        yield ours, roots


@pytest.mark.parametrize("root", ROOTS)
def test_the_stock_cli_plans_the_same(
    root: str, stock: Mapping[str, Future[bytes]], lane: tuple[Lane, Path], plans: Plans
) -> None:
    ours, roots = lane
    planned = ours.plan(roots / root, refresh=False)
    theirs = stock[root].result()
    assert differences(normalise(theirs), normalise(planned)) == []
    if root != CASES:  # and it is this that all other tests look at
        used: Plan = plans.environment(root).result()
        assert used == read_plan(theirs)


def test_every_case_was_compared(stock: Mapping[str, Future[bytes]]) -> None:
    planned = read_plan(stock[CASES].result())
    calls = {change.module.removeprefix("module.").partition(".")[0] for change in planned.resources.values()}
    accepted = {group: cases.accepts.values() for group, cases in all_cases().items()}
    assert {group for group, cases in accepted.items() if cases} == {path.name for path in (REPO / "modules").iterdir()}
    assert calls == {case.call.key for cases in accepted.values() for case in cases}
