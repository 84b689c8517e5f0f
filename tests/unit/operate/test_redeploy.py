"""A new deployment may change the stages and their APIs, wherever they stand, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.support.builder import Res, plan
from tests.support.states import context, document, resource

from harness.base.errors import HarnessError
from harness.base.paths import Stack, Target
from harness.operate import redeploy
from harness.operate.instances import instances_of
from harness.operate.recovery.states import parse
from harness.operate.restore_api import within_apis
from harness.plan import ResourceChange

STACK = Stack("somewhere", "alice", Target.LOCAL)
DEPLOYMENT, STAGE = "aws_api_gateway_deployment", "aws_api_gateway_stage"


def change(address: str, module: str = "") -> ResourceChange:
    made = plan(Res(address, {})).resources[address]
    return replace(made, module=module, address=f"{module}.{address}" if module else address)


@pytest.mark.parametrize(
    ("module", "address", "inside"),
    [
        ("module.gateway", "aws_api_gateway_stage.this", True),
        ("module.gateway", "aws_cloudwatch_log_group.access", True),
        ("module.gateway.module.part", "aws_x.this", True),
        ('module.other["b"]', "aws_lambda_permission.this", True),
        ('module.other["c"]', "aws_lambda_permission.this", False),
        ("module.gateways", "aws_api_gateway_stage.this", False),
        ("", "aws_api_gateway_stage.this", False),
    ],
)
def test_an_api_is_the_module_that_holds_it(module: str, address: str, inside: bool) -> None:
    kind = "aws_api_gateway_rest_api"
    state = parse(document(resource(kind, {}, module="module.gateway"), resource(kind, {}, module='module.other["b"]')))
    assert state is not None
    assert within_apis(instances_of(state))(change(address, module)) is inside


def test_an_api_in_the_root_module_is_what_api_gateway_has_there() -> None:
    state = parse(document(resource("aws_api_gateway_rest_api", {})))
    assert state is not None
    within = within_apis(instances_of(state))
    assert within(change("aws_api_gateway_stage.this"))
    assert not within(change("aws_dynamodb_table.this"))
    assert not within(change("aws_api_gateway_stage.this", "module.m"))


class Planning:
    """Plans what it is told and remembers what was to be replaced."""

    def __init__(self, *changes: ResourceChange) -> None:
        self.changes = changes
        self.replaced: tuple[str, ...] = ()

    def __call__(self, context: Any, *, replace: tuple[str, ...]) -> Any:
        self.replaced = replace
        planned = SimpleNamespace(resources={one.address: one for one in self.changes})
        return SimpleNamespace(plan=planned, errors=0, findings=())


def replan(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    state = document(
        resource(DEPLOYMENT, {}, module="module.a"),
        resource(DEPLOYMENT, {"attributes": {}, "index_key": "b"}, name="that"),
        resource(STAGE, {}),
    )
    monkeypatch.setattr(redeploy, "make_plan", planning)
    monkeypatch.setattr(redeploy, "as_deployed", lambda context: context)
    monkeypatch.setattr(redeploy, "forget_plan", lambda stack: None)
    return redeploy.plan_redeployment(cast(Any, context(STACK, state)), lambda one: one.type in (DEPLOYMENT, STAGE))


def test_every_deployment_of_the_state_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    planning = Planning(change(f"{STAGE}.this"), change(f"{DEPLOYMENT}.this", "module.a"))
    assert replan(planning, monkeypatch) == (f"{STAGE}.this", f"module.a.{DEPLOYMENT}.this")
    assert planning.replaced == (f"module.a.{DEPLOYMENT}.this", f'{DEPLOYMENT}.that["b"]')


def test_a_plan_that_goes_beyond_is_refused_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    planning = Planning(change(f"{STAGE}.this"), change("aws_dynamodb_table.this", "module.t"))
    with pytest.raises(HarnessError, match=r"would change module\.t\.aws_dynamodb_table\.this, too"):
        replan(planning, monkeypatch)
