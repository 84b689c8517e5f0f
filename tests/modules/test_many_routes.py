"""An API of many operations stays within what AWS takes: one permission for all, and the plan counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.builder import Res, plan
from tests.support.collecting import all_cases, plans_of
from tests.support.pairs import BLUEPRINT, LAX
from tests.support.planning import Call

from harness.plan import Plan
from harness.rules import Sources, evaluate

OPERATIONS = 80
CALL = "many_routes"
PERMISSION = f'module.{CALL}.aws_lambda_permission.this["things"]'


def contract(operations: int) -> str:
    """A contract of this many operations, two a path."""
    verbs = ("get", "put")
    paths = {
        f"/things-{number}/{{id}}": {verb: {"operationId": f"{verb}Thing{number}"} for verb in verbs}
        for number in range(operations // len(verbs))
    }
    return json.dumps({"openapi": "3.0.3", "info": {"title": "Things"}, "paths": paths})


@pytest.fixture(scope="module")
def planned(pytestconfig: pytest.Config) -> Plan:
    base = all_cases()["api"].accepts["contract"].call
    services: Any = base.variables["services"]
    given = {address: values for address, values in base.given.items() if "rest_api" in address}
    things = {"things": services["things"] | {"openapi": contract(OPERATIONS)}}
    call = Call(CALL, base.source, {**base.variables, "services": things}, given=given)
    return plans_of(pytestconfig).accepted(CALL.replace("_", "-"), [call]).result()


def found(judged: Plan, *rules: str) -> list[str]:
    report = evaluate(judged, environment=LAX, suffix="x", sources=Sources(BLUEPRINT, {}, {}, (), {}))
    return [finding.message for finding in report.findings if finding.check in rules]


def per_route(planned: Plan) -> Plan:
    """The plan's integrations, with a permission for the route of each in place of the one for all."""
    one: Any = planned.resource(PERMISSION).after
    stage = one["source_arn"].removesuffix("/*/*")
    permissions = []
    for method in planned.of_type("aws_api_gateway_method"):
        verb, _, path = str(method.index).partition(" ")
        own = {
            "statement_id": method.value("operation_name"),
            "source_arn": f"{stage}/{verb}{path.replace('{id}', '*')}",
        }
        permissions.append(Res(f"aws_lambda_permission.this[{json.dumps(method.index)}]", {**one, **own}))
    return plan(*permissions)


def test_one_permission_serves_every_operation(planned: Plan) -> None:
    assert len(planned.of_type("aws_api_gateway_integration")) == OPERATIONS
    assert [one.address for one in planned.of_type("aws_lambda_permission")] == [PERMISSION]
    assert found(planned, "aws-limits", "permission-scope") == []


def test_a_permission_for_each_of_them_is_more_than_aws_takes(planned: Plan) -> None:
    (message,) = found(per_route(planned), "aws-limits")
    assert f"bytes of a function's policy ({OPERATIONS} permissions), and AWS takes 20,480" in message
