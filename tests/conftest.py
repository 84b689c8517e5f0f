"""Turns YAML into tests: inventories (``tests/envs/*.yaml``) and module cases (``tests/modules/*/cases.yaml``).

``--tree`` plans the HCL of another copy of the repository against these expectations, as the mutation run does.

Run by several workers (pytest-xdist), the tests of a file stay together, since they share plans and servers.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir
from tests.example import lacking, left_out, needs_example
from tests.support.collecting import (
    HELD,
    HERE,
    PLANS,
    AcceptItem,
    CasesFile,
    DataItem,
    InventoryFile,
    RejectItem,
    accepted_plan,
    plans_of,
    rejections_of,
)
from tests.support.planning import Plans
from xdist import is_xdist_worker
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from harness.base.paths import CACHE, REPO
from harness.base.surroundings import forget_aws, forget_looks, settle
from harness.plan import Plan
from harness.scan.dates import day_of

LACKING = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tree", type=Path, default=REPO, help="plan the HCL of this copy of the repository")
    parser.addoption("--hostile-requests", type=int, default=1000, help="how many to send to each environment")
    parser.addoption("--all-damage", action="store_true", help="damage each file in every way, for each verb")


def pytest_configure(config: pytest.Config) -> None:
    # As for a verb: however somebody starts them, tests and what they start see the same.
    settle()
    forget_aws()
    forget_looks()
    # What tests commit is of the day of what is tested, so that no date in it is over.
    if day := day_of():
        os.environ |= dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{day}T12:00:00Z")
    config.stash[HELD] = Counter()
    config.stash[LACKING] = lacking()
    # Else hypothesis keeps what it learns in a folder beside the tree.
    set_hypothesis_home_dir(CACHE / "hypothesis")


@pytest.fixture(scope="session")
def plans(pytestconfig: pytest.Config) -> Plans:
    """Every plan of the session, for tests in Python."""
    return plans_of(pytestconfig)


@pytest.fixture(scope="session")
def planned(plans: Plans) -> Callable[[str], Plan]:
    """``planned(NAME)`` is the plan of a root below ``envs/``."""
    return lambda name: plans.environment(name).result()


@pytest.fixture(scope="session")
def tree(pytestconfig: pytest.Config) -> Path:
    """The copy of the repository whose HCL is under test."""
    return Path(pytestconfig.getoption("--tree")).resolve()


def pytest_report_header(config: pytest.Config) -> list[str]:
    return left_out(HERE, config.stash[LACKING])


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what needs the worked example where it is not whole; before it is imported, as it may import it."""
    return True if config.stash[LACKING] and needs_example(collection_path) else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".yaml" and file_path.parent == HERE / "envs":
        return InventoryFile.from_parent(parent, path=file_path)
    if file_path.name == "cases.yaml" and file_path.parent.parent in (HERE / "modules", HERE / "envs"):
        return CasesFile.from_parent(parent, path=file_path)
    return None


_SHARING = ("tests/local", "tests/local/scenarios")
_LONG = (
    *_SHARING,
    "tests/adoption/test_page.py",
    "tests/local/scenarios/test_life.py",
    "tests/adoption/test_copier.py",
    "tests/local/own/test_damaged_files.py",
    "tests/local/own/test_subscribers.py",
    "tests/unit/fastlane/test_stock.py",
    "tests/unit/verbs/test_hostile_caller.py",
    "tests/modules/test_many_services.py",
)


class Together(LoadFileScheduling):  # type: ignore[misc]
    """Gives a worker all tests of a file; of some folders all files, as they share a session's stacks and report.

    What takes longest is begun first: else the other workers wait for it at the end.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        folder = file.rpartition("/")[0]
        return folder if folder in _SHARING and file not in _LONG else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        if (first := next((scope for scope in _LONG if scope in self.workqueue), None)) is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start every plan that a collected test will ask for, so that they are made side by side.

    A worker does not know yet which of the tests will be its own.
    """
    config = session.config
    if config.option.collectonly or is_xdist_worker(session):
        return
    items = [item for item in session.items if isinstance(item, DataItem)]
    for environment in sorted({item.path.stem for item in items if isinstance(item.parent, InventoryFile)}):
        plans_of(config).environment(environment)
    for group in sorted({item.path.parent.name for item in items if isinstance(item, AcceptItem)}):
        accepted_plan(config, group)
    for group in sorted({item.path.parent.name for item in items if isinstance(item, RejectItem)}):
        rejections_of(config, group)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if PLANS in session.config.stash:
        session.config.stash[PLANS].close()
    if is_xdist_worker(session):
        held: Counter[str] = session.config.stash[HELD]
        session.config.workeroutput["held"] = dict(held)  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    # A worker that broke down has told nothing; its tests are failures.
    held: dict[str, int] = getattr(node, "workeroutput", {}).get("held", {})
    node.config.stash[HELD].update(held)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, count in sorted(config.stash[HELD].items()):
        terminalreporter.write_line(f"{name}: {count} assertions held")
