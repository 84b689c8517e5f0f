"""No plan makes a rule crash: a value that is unknown, missing or of another type is a finding at worst."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.builder import Res, document, plan
from tests.support.pairs import LAX, STRICT, SUFFIX, Pair
from tests.unit.rules.pairs import blocks
from tests.unit.rules.test_pairs import PAIRS

from harness.base.findings import Finding
from harness.plan import UNKNOWN, Action, Plan, read_plan
from harness.rules import RULES, Rule, evaluate
from harness.rules.judging import judge
from harness.rules.rule import Context

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
VERBS = {Action.REPLACE_DELETE_FIRST: "replace", Action.REPLACE_CREATE_FIRST: "replace-create-first"}


def rebuilt(original: Plan) -> Iterator[Plan]:
    """The plan once for every attribute of every resource block and everything odd it can be."""
    values = {one.address: one.after for one in original.resources.values() if isinstance(one.after, dict)}
    # Instances of a block are alike: one stands for hundreds.
    first = {address.partition("[")[0]: address for address in reversed(values)}
    for address in first.values():
        for name, value in values[address].items():
            for odd in ODD.get(type(value), (None,)):
                yield plan(*(Res(one, {**kept, name: odd} if one == address else kept) for one, kept in values.items()))


BUG = "report it as a bug of the rule"


def judged(rule: Rule, odd: Plan, pair: Pair) -> tuple[Finding, ...]:
    """Find what one rule says of a plan; a rule that does not know what to do with it fails the test."""
    stated = pair.sources.blueprint.environment(STRICT)
    findings = judge(rule, Context(odd, STRICT, stated, SUFFIX, frozenset(), pair.sources)).findings
    assert not [one.message for one in findings if BUG in one.message]
    return findings


def mended(rule: Rule) -> list[Pair]:
    """Pairs of a rule with different mended plans; many are mended into one and the same."""
    return list({repr([(one.address, one.after) for one in pair.mended.resources.values()]): pair
                 for pair in PAIRS if pair.rule == rule.id}.values())  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_odd_values(rule: Rule) -> None:
    for pair in mended(rule):
        for odd in rebuilt(pair.mended):
            judged(rule, odd, pair)


REFERENCES: tuple[list[str], ...] = (
    ["module.gone.made"],
    ["var.gone"],
    ["each.value.id"],
    ["data.aws_x.this.id"],
    ["local.x"],
    [],
)
ALTERED: tuple[dict[str, Any], ...] = (
    {"expressions": {}}, {"depends_on": []}, {"depends_on": ["module.gone"]}, {"name": "renamed"}
)  # fmt: skip


def configured(original: Plan) -> dict[str, Any]:
    """The JSON of a plan, with the blocks of its configuration."""
    values = (
        Res(one.address, one.after if isinstance(one.after, dict) else None, action=VERBS.get(one.action, one.action),
            before=one.before if isinstance(one.before, dict) else None)
        for one in original.resources.values()
    )  # fmt: skip
    root = json.loads(msgspec.json.encode(original.configuration.root))
    return document(*values) | {"configuration": {"root_module": root}}


def blocks_altered(blocks: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The blocks of a module, each time with something missing or otherwise made."""
    yield []
    for at, block in enumerate(blocks):
        before, after = blocks[:at], blocks[at + 1 :]
        yield [*before, *after]
        for changed in ALTERED:
            yield [*before, {**block, **changed}, *after]
        for name in block["expressions"]:
            others = {key: value for key, value in block["expressions"].items() if key != name}
            made: list[dict[str, Any]] = [{name: {"references": references}} for references in REFERENCES]
            for instead in ({}, {f"{name}_prefix": {"constant_value": "x"}}, *made):
                yield [*before, {**block, "expressions": {**others, **instead}}, *after]


def reconfigured(original: Plan) -> Iterator[Plan]:
    """The plan with every odd configuration: attributes, blocks and modules gone, renamed, made from other things."""
    whole = configured(original)
    root = whole["configuration"]["root_module"]
    roots = [{**root, "resources": blocks} for blocks in blocks_altered(root["resources"])]
    roots.append({"module_calls": {"renamed": {"module": root}}})
    for odd in roots:
        yield read_plan(json.dumps({**whole, "configuration": {"root_module": odd}}).encode())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_odd_configurations(rule: Rule) -> None:
    for pair in mended(rule):
        for odd in reconfigured(pair.mended):
            judged(rule, odd, pair)


def test_a_log_group_with_a_prefix_beside_a_stage_is_judged() -> None:
    group = Res("aws_cloudwatch_log_group.x", {"name": UNKNOWN, "name_prefix": "/aws/x", "retention_in_days": 7})
    whole = document(group, Res("aws_api_gateway_rest_api.this", {"name": "api-copy"}), *blocks.STAGES)
    for block in whole["configuration"]["root_module"]["resources"]:
        if block["type"] == "aws_cloudwatch_log_group":
            del block["expressions"]["name"]
    odd = read_plan(json.dumps(whole).encode())
    report = evaluate(odd, environment=STRICT, suffix=SUFFIX, sources=PAIRS[0].sources)
    assert not [one.message for one in report.findings if "could not judge" in one.message]
    assert any("no log group API-Gateway-Execution-Logs_" in one.message for one in report.findings)


@pytest.mark.parametrize("name", ["deposed", "first", "keys", "lifecycle", "masks"])
def test_recorded_plans(name: str) -> None:
    recorded = read_plan((RECORDED / f"{name}.json").read_bytes())
    report = evaluate(recorded, environment=STRICT, suffix="prod", sources=PAIRS[0].sources)
    assert len(report.results) == len(RULES)
    assert not [one.message for one in report.findings if "could not judge" in one.message]


def test_an_empty_plan_and_one_that_destroys_everything_break_no_rule() -> None:
    gone = plan(
        Res("aws_lambda_function.this", None, action="delete", before={"function_name": "f"}),
        Res("aws_api_gateway_stage.this", None, action="delete", before={}),
        Res("aws_dynamodb_table.this", None, action="delete", before={"name": "t"}),
    )
    for empty in (plan(), gone):
        assert evaluate(empty, environment=LAX, suffix=SUFFIX, sources=PAIRS[0].sources).findings == ()
