"""The oracle ignores what differs between two runs of the same command, and sees everything else."""

from __future__ import annotations

import json

import pytest

from harness.base.errors import PlanFormatError
from harness.fastlane.equality import differences, normalise

ATTRIBUTES = [{"resource": "b", "attribute": ["id"]}, {"resource": "a", "attribute": ["id", 0]}]
PLAN = {"format_version": "1.2", "timestamp": "now", "relevant_attributes": ATTRIBUTES, "planned_values": {"x": [1, 2]}}


def normal(**changes: object) -> dict[str, object]:
    return normalise(json.dumps(PLAN | changes).encode())


def test_time_and_the_order_of_relevant_attributes_do_not_count() -> None:
    assert differences(normal(), normal(timestamp="later", relevant_attributes=ATTRIBUTES[::-1])) == []


def test_nothing_else_is_dropped() -> None:
    assert set(normal()) == set(PLAN) - {"timestamp"}
    assert len(normal()["relevant_attributes"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"planned_values": {"x": [1, 3]}}, ["planned_values.x[1]"]),
        ({"planned_values": {"x": [1]}}, ["planned_values.x[1]"]),
        ({"planned_values": {"x": [2, 1]}}, ["planned_values.x[0]", "planned_values.x[1]"]),
        ({"planned_values": {"x": [True, 2]}}, ["planned_values.x[0]"]),
        ({"planned_values": {}, "new": None}, ["new", "planned_values.x"]),
        ({"relevant_attributes": ATTRIBUTES[1:]}, ["relevant_attributes[1]"]),
    ],
)
def test_the_paths_that_differ_are_named(change: dict[str, object], paths: list[str]) -> None:
    assert differences(normal(), normal(**change)) == paths


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"format_version":'])
def test_what_is_no_plan_is_refused(text: bytes) -> None:
    with pytest.raises(PlanFormatError):
        normalise(text)
