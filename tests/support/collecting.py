"""Tests that stand in YAML files, as pytest items; ``tests/conftest.py`` hooks them in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from functools import cache
from pathlib import Path

import pytest
from tests.support.cases import Accept, Cases, Reject, accepted, read_cases, rejected
from tests.support.planning import Diagnostics, Plans, inventory_for

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.inventory.document import Inventory, InventoryError, match_counts, match_output, match_resource
from harness.inventory.expect import assertions
from harness.plan import Plan

PLANS = pytest.StashKey[Plans]()
HELD = pytest.StashKey[Counter[str]]()
"""Assertions that held, by what they are counted as."""
HERE = Path(__file__).parents[1]


def plans_of(config: pytest.Config) -> Plans:
    """Return the session's plans, made when first asked for."""
    if PLANS not in config.stash:
        factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]
        config.stash[PLANS] = Plans(factory.mktemp("planning"), config.getoption("--tree").resolve())
    return config.stash[PLANS]


@cache
def all_cases() -> dict[str, Cases]:
    """Read every file of cases, by its folder's name.

    Raises:
        InventoryError: a module and a root have the same name.
    """
    found: dict[str, Cases] = {}
    for path in sorted(HERE.glob("*/*/cases.yaml")):
        if path.parent.name in found:
            raise InventoryError(
                f"two files of cases for {path.parent.name}", "give module and root names of their own"
            )
        found[path.parent.name] = read_cases(path)
    return found


def accepted_plan(config: pytest.Config, group: str) -> Future[Plan]:
    """Plan all accepted cases of a module, whichever tests are selected: one batch serves them all."""
    return plans_of(config).accepted(group, [case.call for case in all_cases()[group].accepts.values()])


def rejections_of(config: pytest.Config, group: str) -> Future[Diagnostics]:
    """Return the error diagnostics of all rejected cases of a module or root; of one without cases there are none."""
    return plans_of(config).rejected(group, [case.call for case in all_cases().get(group, Cases()).rejects.values()])


class Mismatch(AssertionError):
    """A plan that is not as the data says; the message is the whole report."""


class DataItem(pytest.Item):
    """A test that stands in a YAML file."""

    counted_as = ""
    hint = ""

    def mismatches(self) -> Iterator[str]:
        """List what differs, a line each."""
        raise NotImplementedError

    def looked_at(self) -> object:
        """Return what it judges, a plan or a batch's errors: the same object can only give the same result."""
        raise NotImplementedError

    def holds(self) -> int:
        """Count its assertions."""
        return 1

    def runtest(self) -> None:
        """Fail with everything that differs, and what to do about it."""
        found = list(self.mismatches())
        if found:
            raise Mismatch("\n".join([f"{self.path.relative_to(REPO)}: {self.name}", *(f"  {one}" for one in found)]))
        self.config.stash[HELD][self.counted_as] += self.holds()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """No traceback: the data is wrong or the HCL is."""
        if isinstance(excinfo.value, Mismatch):
            return f"{excinfo.value}\n{self.hint}".rstrip()
        if isinstance(excinfo.value, HarnessError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the place of the test."""
        return self.path, 0, self.name


class InventoryFile(pytest.File):
    """``tests/envs/<environment>.yaml``."""

    def collect(self) -> Iterator[pytest.Item]:
        """Make a test an address, an output, and one for the counts."""
        inventory = inventory_for(self.path.stem)
        for address, attributes in inventory.resources.items():
            yield AddressItem.from_parent(self, name=address, attributes=attributes)
        for name, expected in inventory.outputs.items():
            yield OutputItem.from_parent(self, name=f"output.{name}", expected=expected)
        if inventory.counts is not None:
            yield CountsItem.from_parent(self, name="counts", inventory=inventory)


class EnvironmentItem(DataItem):
    """A test over the plan of the environment that its file is named after."""

    @property
    def plan(self) -> Plan:
        """The environment's plan."""
        return plans_of(self.config).environment(self.path.stem).result()

    def looked_at(self) -> object:
        return self.plan

    def setup(self) -> None:
        """Name what is counted and how the file is rewritten."""
        self.counted_as = self.path.stem
        self.hint = f"If the HCL is right, rewrite what no longer holds: make inventory ENV={self.path.stem} WRITE=1"


class AddressItem(EnvironmentItem):
    """One resource of an inventory."""

    def __init__(self, *, attributes: Mapping[str, object], **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.attributes = attributes

    def mismatches(self) -> Iterator[str]:
        return match_resource(self.plan, self.name, self.attributes)

    def holds(self) -> int:
        return assertions(self.attributes)


class OutputItem(EnvironmentItem):
    """One root output of an inventory."""

    def __init__(self, *, expected: object, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.expected = expected

    def mismatches(self) -> Iterator[str]:
        return match_output(self.plan, self.name.removeprefix("output."), self.expected)

    def holds(self) -> int:
        return assertions(self.expected)


class CountsItem(EnvironmentItem):
    """Counts of an inventory: so many resources of each type, and no others."""

    def __init__(self, *, inventory: Inventory, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.inventory = inventory

    def mismatches(self) -> Iterator[str]:
        return match_counts(self.plan, self.inventory)

    def holds(self) -> int:
        return len(self.inventory.counts or {})


class CasesFile(pytest.File):
    """``tests/modules/<module>/cases.yaml`` and ``tests/envs/<root>/cases.yaml``."""

    def collect(self) -> Iterator[pytest.Item]:
        """Make a test a case."""
        cases = read_cases(self.path)
        for name, accept in cases.accepts.items():
            yield AcceptItem.from_parent(self, name=f"accepts.{name}", case=accept)
        for name, reject in cases.rejects.items():
            yield RejectItem.from_parent(self, name=f"rejects.{name}", case=reject)


class AcceptItem(DataItem):
    """Variables that a module takes."""

    def __init__(self, *, case: Accept, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.case = case
        self.counted_as = f"module {self.path.parent.name}"
        self.hint = (
            f"If the HCL is right, rewrite what no longer holds: make inventory MODULE={self.path.parent.name} WRITE=1"
        )

    def looked_at(self) -> Plan:
        return accepted_plan(self.config, self.path.parent.name).result()

    def mismatches(self) -> Iterator[str]:
        return accepted(self.looked_at(), self.case)

    def holds(self) -> int:
        return assertions(dict(self.case.resources)) + len(self.case.absent) + len(self.case.outputs)


class RejectItem(DataItem):
    """Variables that a module refuses."""

    def __init__(self, *, case: Reject, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.case = case
        self.counted_as = f"module {self.path.parent.name}"

    def looked_at(self) -> Diagnostics:
        return rejections_of(self.config, self.path.parent.name).result()

    def mismatches(self) -> Iterator[str]:
        text = rejected(self.looked_at(), self.case)
        if text is not None:
            yield f"expected an error with {self.case.error!r}; {text}"
