"""Scouts shorten the way to a kill, and decide nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import pytest
from tests.support.collecting import CasesFile, DataItem
from tests.support.planning import Call, Diagnostics, Plans
from tests.support.scouts import Notice, Scout, Scouts

from harness.base.errors import HarnessError
from harness.fastlane.command import PlanRejected

CASES = """
source: modules/queue
base: {size: 1}
accepts:
  plain: {resources: {aws_a.this: {b: 1}}}
  filled: {resources: {'aws_a.this["x"]': {b: 1}, 'aws_c.this["x"]': {b: 1}}}
rejects:
  too_small: {vars: {size: 0}, error: size must be above 0}
  too_large: {vars: {size: 9}, error: size must be below 9}
  no_name: {vars: {name: ""}, error: a queue must be called something}
"""
FILE = "modules/queue/main.tf"
MUTANT = {"file": FILE, "path": "variable.size.validation.condition", "old": "x", "text": "broken"}
REFUSED = {"summary": "Invalid value for variable", "detail": "size must be above 0"}


@pytest.fixture
def items(request: pytest.FixtureRequest, tmp_path: Path) -> list[DataItem]:
    path = tmp_path / "queue" / "cases.yaml"
    path.parent.mkdir()
    path.write_text(CASES)
    return cast(list[DataItem], list(CasesFile.from_parent(request.session, path=path).collect()))


def asked(scouts: Scouts, path: str, old: str = "x") -> list[list[str]]:
    return [[item.name for item in scout.items] for scout in scouts.of(FILE, path, old)]


def test_of_a_validation_the_rejects_that_give_its_variable_are_asked_at_once(items: list[DataItem]) -> None:
    scouts = Scouts(items)
    assert asked(scouts, "variable.size.validation.condition") == [["rejects.too_small", "rejects.too_large"]]
    assert asked(scouts, "variable.other.validation.condition") == []
    assert asked(scouts, "variable.size.nullable") == [["accepts.plain"]]


def test_a_case_that_names_the_resource_is_asked(items: list[DataItem]) -> None:
    scouts = Scouts(items)
    assert asked(scouts, "resource.aws_a.this.b") == [["accepts.plain"]]
    assert asked(scouts, "resource.aws_c.this.b") == [["accepts.filled"], ["accepts.plain"]]
    assert asked(scouts, "locals.x") == [["accepts.plain"]]


def test_who_noticed_the_mutants_beside_it_is_asked_before(
    items: list[DataItem], request: pytest.FixtureRequest
) -> None:
    scouts, by_name = Scouts(items), {item.name: item for item in items}
    scouts.learn(FILE, "locals.x.y", by_name["rejects.no_name"])
    scouts.learn(FILE, "locals.z", by_name["accepts.filled"])
    scouts.learn(FILE, "locals.z", request.node)
    assert asked(scouts, "locals.x.y.z") == [["rejects.no_name"], ["accepts.filled"], ["accepts.plain"]]


def test_the_reject_with_the_words_of_what_is_broken_is_asked_first(items: list[DataItem]) -> None:
    assert asked(Scouts(items), "locals.x", '"a queue must be called x"')[0] == ["rejects.no_name"]


class Refusing:
    """Plans whose rejected cases get the given errors, one list after the other."""

    def __init__(self, *errors: Diagnostics | HarnessError) -> None:
        self.errors, self.trees = list(errors), 0

    def renew(self) -> None:
        self.trees += 1

    def rejected(self, group: str, calls: Sequence[Call]) -> Future[Diagnostics]:
        future: Future[Diagnostics] = Future()
        errors = self.errors.pop(0)
        if isinstance(errors, HarnessError):
            future.set_exception(errors)
        else:
            future.set_result(errors)
        return future

    accepted = rejected


def noticed(items: list[DataItem], error: dict[str, Any], *, of_variable: bool) -> DataItem | None:
    small = tuple(item for item in items if item.name in ("rejects.too_small", "rejects.no_name"))
    in_its_call = REFUSED | {"range": {"filename": "queue__too_small.tf.json"}}
    plans = cast(Plans, Refusing([in_its_call, error]))
    notice = Scout("x", small, of_variable).notices(plans)
    return notice.item if notice else None


def test_an_error_about_the_hcl_is_no_verdict(items: list[DataItem]) -> None:
    about = {"summary": "Unsupported argument", "detail": "", "range": {"filename": "../../modules/queue/main.tf"}}
    other = {"summary": "Resource precondition failed", "detail": "", "range": {"filename": about["range"]["filename"]}}  # type: ignore[index]
    placed = about | {"address": "module.queue__no_name.aws_a.this"}
    assert noticed(items, about, of_variable=True) is None
    assert noticed(items, placed, of_variable=False) is None
    for told in (noticed(items, other, of_variable=False), noticed(items, placed, of_variable=True)):
        assert told is not None
        assert told.name == "rejects.no_name"


@pytest.mark.parametrize(
    ("unbroken", "by"),
    [([REFUSED | {"range": {"filename": "queue__too_small.tf.json"}}], "rejects.too_small"), ([], None)],
)
def test_a_scout_that_fails_without_the_mutant_is_not_believed(
    items: list[DataItem], unbroken: Diagnostics, by: str | None, tmp_path: Path
) -> None:
    file, plans = tmp_path / "main.tf", cast(Plans, Refusing([], unbroken))
    found = Scouts(items[2:3]).noticed(MUTANT, file, "whole", plans)
    assert (found and found.item.name) == by
    assert file.read_text() == "broken"


@pytest.mark.parametrize(("first", "noticed"), [("accepts.plain", True), ("rejects.no_name", False)])
def test_a_refusal_is_told_by_an_accepted_case_alone(first: str, noticed: bool, items: list[DataItem]) -> None:
    refused = PlanRejected("plan", b"Unsupported argument", b"", Path())
    scout = Scout("x", tuple(item for item in items if item.name == first))
    notice = scout.notices(cast(Plans, Refusing(refused)))
    assert notice == (Notice(scout.items[0], refused) if noticed else None)
