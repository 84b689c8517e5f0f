"""Alarms of many services are all summed up: composite alarms of composite alarms, which every rule follows."""

from __future__ import annotations

import re

import pytest
from tests.support.builder import Res, plan
from tests.support.collecting import accepted_plan
from tests.support.pairs import BLUEPRINT, STRICT

from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.rules import Sources, evaluate

CASE = "module.alarms__many_services."
API = Res("aws_api_gateway_rest_api.this", {"name": "api-x"})
STAGE = Res(
    "aws_api_gateway_stage.this",
    {"stage_name": "v1", "rest_api_id": UNKNOWN},
    refs={"rest_api_id": ["aws_api_gateway_rest_api.this.id", "aws_api_gateway_rest_api.this"]},
)


@pytest.fixture(scope="module")
def alarms(pytestconfig: pytest.Config) -> list[ResourceChange]:
    planned = accepted_plan(pytestconfig, "alarms").result()
    return [change for address, change in planned.resources.items() if address.startswith(CASE)]


def values(change: ResourceChange, *attributes: str) -> Res:
    """Copy what the rules look at into a plan of its own."""
    found = {name: change.find(name) for name in attributes}
    return Res(change.address.removeprefix(CASE), {name: value for name, value in found.items() if value is not None})


def whole(alarms: list[ResourceChange]) -> list[Res]:
    """List the case's alarms and topic with all that they watch."""
    common = ("alarm_name", "alarm_description", "alarm_actions", "alarm_rule", "name", "policy")
    of_metric = (
        "namespace", "metric_name", "dimensions", "statistic", "extended_statistic", "comparison_operator",
        "threshold", "period", "evaluation_periods", "datapoints_to_alarm", "treat_missing_data",
    )  # fmt: skip
    own = [values(one, *common, *of_metric) for one in alarms if one.type != "aws_cloudwatch_dashboard"]
    dimensions = [(one.after or {}).get("dimensions", {}) for one in own]
    watched = {kind: sorted({one[kind] for one in dimensions if kind in one}) for kind in ("FunctionName", "TableName")}
    functions = [
        Res(f'aws_lambda_function.this["{name}"]',
            {"function_name": name, "timeout": 5, "reserved_concurrent_executions": 10})
        for name in watched["FunctionName"]
    ]  # fmt: skip
    tables = [Res(f'aws_dynamodb_table.this["{name}"]', {"name": name}) for name in watched["TableName"]]
    assert len(functions) == len(tables) == 40
    return [API, STAGE, *functions, *tables, *own]


def found(judged: Plan) -> list[str]:
    report = evaluate(judged, environment=STRICT, suffix="x", sources=Sources(BLUEPRINT, {}, {}, (), {}))
    rules = ("alarm-liveness", "alarm-presence", "alarm-guidance")
    return [f"{finding.address}: {finding.message}" for finding in report.findings if finding.check in rules]


def test_every_rule_holds_for_alarms_that_are_summed_up_in_parts(alarms: list[ResourceChange]) -> None:
    assert found(plan(*whole(alarms))) == []


def test_a_part_that_the_sum_leaves_out_is_missed(alarms: list[ResourceChange]) -> None:
    kept = [
        one.but(alarm_rule=str((one.after or {})["alarm_rule"]).replace(' OR ALARM("p-service-s39-x-1")', ""))
        if one.address == "aws_cloudwatch_composite_alarm.service[0]"
        else one
        for one in whole(alarms)
    ]
    assert found(plan(*kept)) == [
        'aws_cloudwatch_composite_alarm.part["s39"]: no alarm_actions, and no composite alarm listens to it',
        ": no alarm service: no composite alarm listens to the errors of every function",
    ]


def test_each_alarm_that_pages_is_summed_up_once(alarms: list[ResourceChange]) -> None:
    rules = [str(one.find("alarm_rule")) for one in alarms if one.type == "aws_cloudwatch_composite_alarm"]
    named = [name for rule in rules for name in re.findall(r'"([^"]+)"', rule)]
    assert len(named) == len(set(named))
    assert all(rule.count("ALARM(") <= 100 for rule in rules)
