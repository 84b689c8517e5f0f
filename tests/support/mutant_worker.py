"""Runs the plan suite on one mutant after another: ``python -m tests.support.mutant_worker FOLDER``.

The suite is collected once. Each line of standard input is a mutant, ``{"file", "text", "path", "old"}``: that file
of the tree gets that text, and the tests run until one fails, those first that are likely to
(:mod:`tests.support.scouts`). Each line of standard output says what became of it: ``{"outcome", "by", "why"}``. What
pytest prints goes to ``FOLDER/pytest.log``.

Plans of the unbroken tree are kept by what they are made from: a mutant of one module makes no plan of another. Tests
that compare ways of planning, or break the HCL themselves, are left out: they would fail for reasons of their own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from inspect import signature
from itertools import groupby
from pathlib import Path
from typing import IO

import pytest
from _pytest.runner import runtestprotocol
from tests.support.collecting import PLANS, AcceptItem, DataItem, RejectItem
from tests.support.planning import Plans
from tests.support.scouts import Scouts

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.fastlane.command import PlanRejected
from harness.terraform.sandbox import copy_sources

SUITE = ("tests/envs", "tests/modules")
NOT_ABOUT_THE_HCL = ("tests/envs/test_sabotage.py",)
# What our own conditions say: these refusals are assertions of the HCL itself.
_CONDITIONS = ("precondition failed", "postcondition failed", "Check block assertion failed",
               "Invalid value for variable", "Invalid value for input variable")  # fmt: skip

_FILES_ALONE: frozenset[str] = frozenset({"tree"})


class Mutating:
    """The pytest plugin that replaces the one run of the suite by one run a mutant."""

    def __init__(self, tree: Path, scratch: Path, mutants: IO[str], answers: IO[str]) -> None:
        self._tree, self._scratch, self._mutants, self._answers = tree, scratch, mutants, answers
        self._failed: BaseException | None = None
        self._passed: dict[str, object] = {}
        self._seconds: dict[int, float] = {}
        self._seen_unbroken = False

    def pytest_configure(self, config: pytest.Config) -> None:
        """Plans that remember, instead of the session's own."""
        self._plans = config.stash[PLANS] = Plans(self._scratch, self._tree, lanes=1)

    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """Keep why a test failed."""
        if call.excinfo is not None:
            self._failed = call.excinfo.value

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """First the tree as it is, then a mutant a line."""
        self._plans.renew(keep=True)
        self._tell(self._run(session.items)[0])
        self._seen_unbroken = True
        self._scouts = Scouts(session.items)
        for line in self._mutants:
            self._tell(self._mutant(session.items, json.loads(line)))
        return True

    def _mutant(self, items: list[pytest.Item], mutant: dict[str, str]) -> dict[str, str]:
        file = self._tree / mutant["file"]
        before = file.read_text()
        file.write_text(mutant["text"])
        try:
            self._plans.renew()
            notice = self._scouts.noticed(mutant, file, before, self._plans)
            if notice is None:
                answer, by = self._run(self._in_turn(items, mutant["path"]))
            else:
                answer, by = _failed(notice.item, notice.refused or "asked first"), notice.item
        finally:
            file.write_text(before)
        if by is not None and answer["outcome"] == "killed":
            self._scouts.learn(mutant["file"], mutant["path"], by)
        return answer

    def _in_turn(self, items: list[pytest.Item], path: str) -> list[pytest.Item]:
        """Sort the tests: those of the first plan that has changed, those that read files, those of other plans.

        Terraform's refusal shows in the first plan; what reads files would take it for its own, as rejects would.
        """
        data = sorted((item for item in items if isinstance(item, DataItem)), key=lambda item: self._place(item, path))
        groups = [list(group) for _, group in groupby(data, key=lambda item: id(self._passed[item.nodeid]))]
        first = next((group for group in groups if not self._is_as_it_was(group[0])), [])
        quick = [item for item in items if _asks_for(item) == _FILES_ALONE]
        others = [item for item in items if _asks_for(item) > frozenset() and item not in quick]
        return [*first, *quick, *(item for item in data if item not in first), *others]

    def _place(self, item: DataItem, path: str) -> tuple[int, float]:
        """Sort key: quickly made plans come first, as one failure is enough.

        Rejected cases come after accepted plans: what Terraform refuses altogether, they would take for their own.
        """
        seconds = self._seconds[id(self._passed[item.nodeid])]
        of_a_variable = path.startswith("variable.")
        if isinstance(item, RejectItem):
            return (2 if of_a_variable else 3), seconds
        return (1 if of_a_variable and not isinstance(item, AcceptItem) else 0), seconds

    def _run(self, items: list[pytest.Item]) -> tuple[dict[str, str], pytest.Item | None]:
        for item in items:
            self._failed = None
            if self._is_as_it_was(item):
                continue
            if not self._passes(item):
                return _failed(item, self._failed), item
        return {"outcome": "survived", "by": "", "why": ""}, None

    def _is_as_it_was(self, item: pytest.Item) -> bool:
        """Tell whether the test passed on the unbroken tree and looks at the very same plan now."""
        if not isinstance(item, DataItem):
            return False
        started = time.monotonic()
        try:
            looked_at = item.looked_at()
        except HarnessError:
            return False
        if not self._seen_unbroken:
            seconds = time.monotonic() - started
            self._seconds[id(looked_at)] = max(seconds, self._seconds.get(id(looked_at), 0.0))
        # The first run is on the unbroken tree: what it leaves here has passed, or there is no second run.
        return self._passed.setdefault(item.nodeid, looked_at) is looked_at and self._seen_unbroken

    def _passes(self, item: pytest.Item) -> bool:
        """Run one test, its fixtures of every scope made anew."""
        if isinstance(item, pytest.Function):
            item._initrequest()  # as pytest's own re-run plugins do
        return all(report.passed for report in runtestprotocol(item, log=False, nextitem=None))

    def _tell(self, answer: dict[str, str]) -> None:
        self._answers.write(json.dumps(answer) + "\n")
        self._answers.flush()


def _asks_for(item: pytest.Item) -> frozenset[str]:
    """List the fixtures that a test in Python asks for itself; without any it sees nothing of a mutant."""
    if not isinstance(item, pytest.Function):
        return frozenset()
    given = item.callspec.params if hasattr(item, "callspec") else {}
    return frozenset(signature(item.function).parameters) - set(given)


def _failed(item: pytest.Item, why: object) -> dict[str, str]:
    return {"outcome": "refused" if _refused(why) else "killed", "by": item.nodeid, "why": str(why)[:500]}


def _refused(error: object) -> bool:
    """Tell whether Terraform itself refuses the mutant, rather than a condition written in HCL."""
    return isinstance(error, PlanRejected) and not any(sign in str(error) for sign in _CONDITIONS)


def _copied(folder: Path) -> Path:
    """Copy what the suite reads of the repository."""
    tree = folder / "tree"
    copy_sources(REPO, tree, symlinks=True)
    for file in (file for file in tree.rglob("*") if file.is_file()):
        file.chmod(0o644)
    return tree


def main() -> int:
    """Run until standard input ends."""
    folder = Path(sys.argv[1]).resolve()
    # The pipes are for mutants and answers alone; whatever else is printed goes to the log.
    mutants, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    log = os.open(folder / "pytest.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    tree = _copied(folder)
    leave_out = [f"--ignore={path}" for path in NOT_ABOUT_THE_HCL]
    options = [f"--tree={tree}", f"--basetemp={folder / 'tmp'}", "-q"]
    return pytest.main([*options, *leave_out, *SUITE], plugins=[Mutating(tree, folder / "plans", mutants, answers)])


if __name__ == "__main__":
    sys.exit(main())
