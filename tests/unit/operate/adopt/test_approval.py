"""Finishing an interrupted apply does what was approved, and nothing beyond it."""

from dataclasses import replace

import pytest
from tests.support.builder import Res, plan

from harness.operate.adopt.journal import beyond, changed_files
from harness.plan import Plan

TABLE = "aws_dynamodb_table.this"
VALUES = {"name": "t"}


def one(action: str, *, importing: bool = False) -> Plan:
    gone, new = action == "delete", action == "create"
    made = plan(Res(TABLE, None if gone else VALUES, action=action, before=None if new else VALUES))
    change = replace(made.resources[TABLE], importing="t") if importing else made.resources[TABLE]
    return replace(made, resources={TABLE: change})


@pytest.mark.parametrize(
    ("approved", "left"),
    [
        ("create", "create"),
        ("create", "update"),
        ("update", "update"),
        ("delete", "delete"),
        ("replace", "create"),
        ("replace", "replace"),
        ("replace-create-first", "replace-create-first"),
        ("update", "no-op"),
    ],
)
def test_what_was_approved_is_finished_unasked(approved: str, left: str) -> None:
    assert beyond(one(left), one(approved)) == ()


@pytest.mark.parametrize(
    ("approved", "left"),
    [
        ("create", "delete"),
        ("create", "replace"),
        ("update", "create"),
        ("update", "delete"),
        ("update", "replace"),
        ("delete", "update"),
        ("no-op", "update"),
    ],
)
def test_what_was_not_approved_is_asked_about(approved: str, left: str) -> None:
    (found,) = beyond(one(left), one(approved))
    assert found.startswith(f"{TABLE}: {left}")


def test_what_was_in_no_plan_is_asked_about() -> None:
    assert beyond(one("create"), plan()) == (f"{TABLE}: create",)


def test_adopting_is_free_and_completing_what_was_adopted_too() -> None:
    for action in ("no-op", "update"):
        assert beyond(one(action, importing=True), one("create")) == ()
        assert beyond(one(action, importing=True), one("no-op", importing=True)) == ()


@pytest.mark.parametrize("action", ["replace", "replace-create-first"])
def test_what_was_adopted_is_not_replaced_unasked(action: str) -> None:
    assert beyond(one(action, importing=True), one("create")) != ()
    assert beyond(one(action, importing=True), one("no-op", importing=True)) != ()


def test_changed_files_are_named() -> None:
    assert changed_files({"a": "1", "b": "2"}, {"a": "1", "b": "2"}) == ()
    assert changed_files({"a": "1", "b": "3", "d": "4"}, {"a": "1", "b": "2", "c": "3"}) == (
        "b changed since",
        "c changed since",
        "d changed since",
    )
