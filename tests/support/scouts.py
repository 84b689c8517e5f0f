"""Cases that are likely to notice a mutant, each planned in a root of its own: a tenth of its module's whole batch.

A scout can only shorten the way to a verdict: nothing survives but what the whole suite passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.support.cases import accepted, rejected
from tests.support.collecting import AcceptItem, DataItem, EnvironmentItem, RejectItem
from tests.support.planning import Plans

from harness.base.errors import HarnessError
from harness.fastlane.command import PlanRejected

_ASKED = 3
_CONDITION = "Resource precondition failed"


@dataclass(frozen=True, slots=True)
class Notice:
    """A test that noticed a mutant; ``refused`` is what Terraform said where it made no plan."""

    item: DataItem
    refused: PlanRejected | None = None


@dataclass(frozen=True, slots=True)
class Scout:
    """Tests that look at the same small plan.

    Attributes:
        name: tells it from every other.
        of_variable: the mutant is of a variable, so that errors of resources are about the values that they got.
    """

    name: str
    items: tuple[DataItem, ...]
    of_variable: bool = False

    def notices(self, plans: Plans) -> Notice | None:
        """Return the first test that fails; what Terraform refuses altogether is no rejected case's to judge."""
        try:
            return next((Notice(item) for item, found in self._found(plans) if found), None)
        except PlanRejected as refused:
            return None if isinstance(self.items[0], RejectItem) else Notice(self.items[0], refused)
        except (HarnessError, LookupError):
            return None  # the whole suite meets it, too, and tells

    def _found(self, plans: Plans) -> Iterator[tuple[DataItem, object]]:
        accepts = [item for item in self.items if isinstance(item, AcceptItem)]
        rejects = [item for item in self.items if isinstance(item, RejectItem)]
        if accepts:
            plan = plans.accepted(self.name, [item.case.call for item in accepts]).result()
            yield from ((item, list(accepted(plan, item.case))) for item in accepts)
        if rejects:
            errors = plans.rejected(self.name, [item.case.call for item in rejects]).result()
            if all(self._of_a_case(one) for one in errors):
                yield from ((item, rejected(errors, item.case)) for item in rejects)
        yield from ((item, list(item.mismatches())) for item in self.items if isinstance(item, EnvironmentItem))

    def _of_a_case(self, error: Mapping[str, Any]) -> bool:
        """Tell whether an error is about a case; another is about the HCL, and says nothing of what that refuses."""
        by_a_condition = error["range"]["filename"].endswith(".tf.json") or error["summary"] == _CONDITION
        return by_a_condition or (self.of_variable and "address" in error)


class Scouts:
    """Choose scouts: by the variable that a mutant is of, and by who noticed the mutants beside it."""

    def __init__(self, items: Iterable[pytest.Item]) -> None:
        self._cases = [item for item in items if isinstance(item, AcceptItem | RejectItem)]
        self._noticed: dict[tuple[str, ...], DataItem] = {}
        self._believed: dict[str, bool] = {}

    def noticed(self, mutant: Mapping[str, str], file: Path, whole: str, plans: Plans) -> Notice | None:
        """Return what a scout notices of the mutant in ``file``, and does not notice of its ``whole`` text."""
        for scout in self.of(mutant["file"], mutant["path"], mutant["old"]):
            by = scout.notices(plans)
            if by is None:
                continue
            if scout.name not in self._believed:
                self._believed[scout.name] = self._passes(scout, file, whole, plans)
                file.write_text(mutant["text"])
            if self._believed[scout.name]:
                return by
            plans.renew()
        return None

    def _passes(self, scout: Scout, file: Path, whole: str, plans: Plans) -> bool:
        file.write_text(whole)
        plans.renew()
        return scout.notices(plans) is None

    def of(self, file: str, path: str, old: str) -> list[Scout]:
        """List who to ask about a mutant, the likeliest first."""
        group = Path(file).parts[1]
        accepts = [one for one in self._cases if isinstance(one, AcceptItem) and one.path.parent.name == group]
        if path.startswith("variable."):
            return self._of_variable(group, path) if ".validation" in path else [_alone(one) for one in accepts[:1]]
        address = path.removeprefix("resource.").split(".")[:2]
        naming = (one for one in accepts if any(re.split(r"[.\[]", name)[:2] == address for name in one.case.resources))
        block, whole = (self._noticed.get(place) for place in _places(file, path))
        likely = dict.fromkeys([self._of_words(group, old), block, next(naming, None), whole, *accepts[:1]])
        return [_alone(item) for item in likely if item is not None][:_ASKED]

    def _of_words(self, group: str, old: str) -> DataItem | None:
        """Return the rejected case whose error is most like what the mutant breaks."""
        broken = _pairs(old)
        alike = [
            (len(broken & _pairs(one.case.error)), one)
            for one in self._cases
            if isinstance(one, RejectItem) and one.path.parent.name == group
        ]
        count, item = max(alike, key=lambda one: one[0], default=(0, None))
        return item if count else None

    def _of_variable(self, group: str, path: str) -> list[Scout]:
        variable = path.split(".")[1]
        items = tuple(
            item
            for item in self._cases
            if isinstance(item, RejectItem) and item.path.parent.name == group and variable in item.case.own
        )
        return [Scout(f"{group}--{variable.replace('_', '-')}", items, of_variable=True)] if items else []

    def learn(self, file: str, path: str, by: pytest.Item) -> None:
        """Remember which test noticed a mutant, when it looks at one plan alone."""
        if isinstance(by, DataItem):
            self._noticed.update(dict.fromkeys(_places(file, path), by))


def _pairs(text: str) -> set[tuple[str, str]]:
    words = re.findall(r"[a-z]+", text)
    return set(pairwise(words))


def _alone(item: DataItem) -> Scout:
    name = item.name.replace(".", "-").replace("_", "-")
    return Scout(f"{item.path.parent.name}--{name}", (item,))


def _places(file: str, path: str) -> Sequence[tuple[str, ...]]:
    """List the places a mutant is in: the block, then the file."""
    return [(file, *path.split(".")[:3]), (file,)]
