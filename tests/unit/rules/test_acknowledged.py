"""An acknowledged address stands in the plan, or the nearest one is said."""

from __future__ import annotations

import pytest
from tests.support.builder import Res, plan
from tests.support.pairs import LAX, SOURCES, STRICT, SUFFIX

from harness.base.findings import Severity
from harness.rules import DESTRUCTION_GATE, evaluate

PLAN = plan(
    Res('aws_dynamodb_table.this["a"]', None, action="delete", before={"name": "a"}),
    Res('aws_dynamodb_table.this["b"]', {"name": "b"}, action="no-op", before={"name": "b"}),
    Res("aws_kms_key.old", None, action="delete", before={}, deposed="0badcafe"),
)


def notes(environment: str, *acknowledged: str) -> list[str]:
    report = evaluate(PLAN, environment=environment, suffix=SUFFIX, acknowledged=acknowledged, sources=SOURCES)
    found = [one for one in report.findings if one.check == DESTRUCTION_GATE]
    return [one.message for one in found if one.severity is Severity.NOTE]


@pytest.mark.parametrize("environment", [STRICT, LAX])
def test_an_address_without_its_quotes_is_told_with_them(environment: str) -> None:
    (said,) = notes(environment, "aws_dynamodb_table.this[a]")
    assert said == (
        "ALLOW_DESTROY='aws_dynamodb_table.this[a]' is no address of this plan; "
        """the nearest is ALLOW_DESTROY='aws_dynamodb_table.this["a"]'"""
    )


def test_what_is_like_nothing_is_told_alone() -> None:
    assert notes(STRICT, "?") == ["ALLOW_DESTROY='?' is no address of this plan"]


def test_every_address_of_the_plan_may_be_named() -> None:
    assert notes(STRICT, *PLAN.resources, "aws_kms_key.old") == []
