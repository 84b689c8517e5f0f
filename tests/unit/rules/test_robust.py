"""No plan makes a rule crash: a value that is unknown, missing or of another type is a finding at worst."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.builder import Res, plan
from tests.support.pairs import LAX, STRICT, SUFFIX
from tests.unit.rules.test_pairs import PAIRS

from harness.plan import UNKNOWN, Plan, read_plan
from harness.rules import RULES, Rule, evaluate

RECORDED = Path(__file__).parents[1] / "plan" / "recorded"
ODD: dict[type, tuple[Any, ...]] = {
    str: (UNKNOWN, None, "", "x"),
    int: (UNKNOWN, None, 0, -1),
    float: (UNKNOWN, None, 0, -1),
    bool: (UNKNOWN, None),
    list: (UNKNOWN, None, [], [None], [UNKNOWN], [{}], [{"name": UNKNOWN}]),
    dict: (UNKNOWN, None, {}, {"a": UNKNOWN}),
}
"""What the provider's schema allows in place of a value of a type."""


def rebuilt(original: Plan) -> Iterator[Plan]:
    """The plan once for every attribute of every resource block and everything odd it can be."""
    values = {one.address: one.after for one in original.resources.values() if isinstance(one.after, dict)}
    # Instances of a block are alike: one stands for hundreds.
    first = {address.partition("[")[0]: address for address in reversed(values)}
    for address in first.values():
        for name, value in values[address].items():
            for odd in ODD.get(type(value), (None,)):
                yield plan(*(Res(one, {**kept, name: odd} if one == address else kept) for one, kept in values.items()))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_odd_values(rule: Rule) -> None:
    # Many pairs are mended into one and the same plan.
    plans = {repr([(one.address, one.after) for one in pair.mended.resources.values()]): pair
             for pair in PAIRS if pair.rule == rule.id}  # fmt: skip
    for pair in plans.values():
        for odd in rebuilt(pair.mended):
            evaluate(odd, environment=STRICT, suffix=SUFFIX, sources=pair.sources)


@pytest.mark.parametrize("name", ["deposed", "first", "lifecycle"])
def test_recorded_plans(name: str) -> None:
    judged = read_plan((RECORDED / f"{name}.json").read_bytes())
    report = evaluate(judged, environment=STRICT, suffix="prod", sources=PAIRS[0].sources)
    assert len(report.results) == len(RULES)


def test_an_empty_plan_and_one_that_destroys_everything_break_no_rule() -> None:
    gone = plan(
        Res("aws_lambda_function.this", None, action="delete", before={"function_name": "f"}),
        Res("aws_api_gateway_stage.this", None, action="delete", before={}),
        Res("aws_dynamodb_table.this", None, action="delete", before={"name": "t"}),
    )
    for judged in (plan(), gone):
        assert evaluate(judged, environment=LAX, suffix=SUFFIX, sources=PAIRS[0].sources).findings == ()
