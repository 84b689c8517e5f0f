"""dev and prod as planned: every rule holds, and they differ only as declared."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.planning import Plans

from harness.parity.declared import Side, declarations_of, parity
from harness.plan import Plan
from harness.rules import RULES, evaluate, read_sources


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_every_rule_holds(environment: str, rule: str, request: pytest.FixtureRequest, tree: Path) -> None:
    plan: Plan = request.getfixturevalue(environment)
    report = evaluate(plan, environment=environment, suffix=environment, sources=read_sources(tree))
    assert [f"{one.address}: {one.message}" for one in report.findings if one.check == rule] == []


def test_dev_and_prod_differ_only_as_declared(dev: Plan, prod: Plan, tree: Path) -> None:
    declared = declarations_of("prod", "dev", tree)
    found = parity(Side("dev", "dev", dev), Side("prod", "prod", prod), declared)
    assert [f"{one.address}: {one.message}" for one in found] == []


def test_both_are_new_and_complete(dev: Plan, prod: Plan) -> None:
    for plan in (dev, prod):
        assert plan.complete
        assert not plan.has_prior_state
        assert not plan.drift


def test_an_account_asked_for_nothing_lets_nobody_in_and_has_no_budget(plans: Plans) -> None:
    """What the inventory, which asks for everything, cannot show."""
    with plans.changed("account", lambda _: None) as (_, plan):
        kinds = {change.type for change in plan.resources.values() if change.mode == "managed"}
        assert "aws_api_gateway_account" in kinds
        assert not kinds & {"aws_budgets_budget", "aws_iam_openid_connect_provider"}
        assert [role.address for role in plan.of_type("aws_iam_role")] == ["aws_iam_role.gateway_logs"]


@pytest.mark.parametrize("file", ["main.tf", "outputs.tf", "providers.tf", "variables.tf", "versions.tf"])
def test_dev_and_prod_are_one_code_with_other_values(file: str, tree: Path) -> None:
    """They differ in locals.tf alone: what is wired in one is wired in the other."""
    assert (tree / "envs" / "dev" / file).read_text() == (tree / "envs" / "prod" / file).read_text()
