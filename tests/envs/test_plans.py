"""Every environment as planned: every rule holds, and it differs from the one it is compared with only as declared."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path

import pytest
from tests.support.planning import Plans, inventory_for

from harness.base.errors import HarnessError
from harness.base.findings import Severity
from harness.base.paths import ACCOUNT, REPO
from harness.facts import read_blueprint
from harness.fastlane.command import PlanRejected
from harness.operate.account import refuse_oversized
from harness.parity.declared import Side, declarations_of, parity
from harness.plan import Action, Plan
from harness.rules import RULES, RuleReport, evaluate, evaluate_account, read_sources

BLUEPRINT = read_blueprint()
ENVIRONMENTS = tuple(BLUEPRINT.environments)
COMPARED = [(name, other) for name in ENVIRONMENTS if (other := BLUEPRINT.compared_with(name))]
SHARED = sorted(file.name for file in (REPO / "envs" / "shared").glob("*.tf"))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_every_rule_holds(environment: str, rule: str, plans: Plans, tree: Path) -> None:
    """A note keeps nothing from being applied: what a product has beyond the blueprint may be noted in every plan."""
    found = judged(plans.environment(environment), environment, tree).findings
    held = [one for one in found if one.check == rule and one.severity is not Severity.NOTE]
    assert [f"{one.address}: {one.message}" for one in held] == []


@lru_cache(maxsize=len(ENVIRONMENTS))
def judged(planned: Future[Plan], environment: str, tree: Path) -> RuleReport:
    """Judge a plan by all rules, once."""
    return evaluate(planned.result(), environment=environment, suffix=environment, sources=read_sources(tree))


@pytest.mark.parametrize(("environment", "other"), COMPARED)
def test_environments_differ_only_as_declared(environment: str, other: str, plans: Plans, tree: Path) -> None:
    left, right = (Side(name, name, plans.environment(name).result()) for name in (other, environment))
    found = parity(left, right, declarations_of(environment, other, tree))
    assert [f"{one.address}: {one.message}" for one in found] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_it_is_new_and_complete(environment: str, plans: Plans) -> None:
    plan = plans.environment(environment).result()
    assert plan.complete
    assert {change.action for change in plan.resources.values()} <= {Action.CREATE, Action.READ}
    assert not plan.drift


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_names_are_those_that_the_harness_builds(environment: str, plans: Plans) -> None:
    """envs/shared/names.tf and ``Blueprint.name`` build them from the same parts."""
    plan = plans.environment(environment).result()
    for kind, attribute in (("aws_lambda_function", "function_name"), ("aws_dynamodb_table", "name")):
        for change in plan.of_type(kind):
            thing = change.address.split('"')[1]
            assert change.value(attribute) == BLUEPRINT.name(thing, environment)
    (api,) = plan.of_type("aws_api_gateway_rest_api")
    assert api.value("name") == BLUEPRINT.name("", environment)


def test_the_state_bucket_is_the_one_that_the_harness_makes(plans: Plans) -> None:
    assert plans.environment(ACCOUNT).result().outputs["state_bucket_name"].after == BLUEPRINT.state_bucket("0" * 12)


def test_the_account_is_no_larger_than_aws_takes(plans: Plans) -> None:
    """Each service adds to what bounds a function's role: the plan that says so is refused, not the apply half-way."""

    def grant_more(tree: Path) -> None:
        actions = [{"name": f"dynamodb:AnActionWithANameOfFortyFiveLettersNumber{number:03}"} for number in range(120)]
        statement = {"sid": "Many", "resource": "table:many", "reason": "none", "actions": actions}
        folder = tree / "lambda" / "many"
        folder.mkdir()
        (folder / "permissions.yaml").write_text(json.dumps({"statements": [statement]}))

    variables = inventory_for(ACCOUNT).variables
    assert evaluate_account(plans.environment(ACCOUNT).result(), ACCOUNT) == ()
    with plans.changed(ACCOUNT, grant_more, variables) as (_, plan), pytest.raises(HarnessError) as refused:
        refuse_oversized(plan)
    for environment in ENVIRONMENTS:
        assert f'aws_iam_policy.boundary["{environment}"]: ' in refused.value.tried
    assert "characters of a managed policy" in refused.value.tried


def test_a_kind_of_resource_that_no_boundary_knows_is_refused(plans: Plans) -> None:
    def grant_another(tree: Path) -> None:
        statement = {"sid": "Read", "resource": "cache:pages", "reason": "none", "actions": [{"name": "cache:Get"}]}
        folder = tree / "lambda" / "another"
        folder.mkdir()
        (folder / "permissions.yaml").write_text(json.dumps({"statements": [statement]}))

    said = "boundary.tf must say what the resources of a permissions.yaml are that begin with cache."
    with pytest.raises(PlanRejected, match=re.escape(said)), plans.changed(ACCOUNT, grant_another):
        pass


def test_an_account_asked_for_nothing_lets_nobody_in_and_has_no_budget(plans: Plans) -> None:
    """Show what the inventory, which asks for everything, cannot."""
    with plans.changed(ACCOUNT, lambda _: None) as (_, plan):
        kinds = {change.type for change in plan.resources.values() if change.mode == "managed"}
        assert kinds >= {"aws_api_gateway_account", "aws_iam_policy"}
        assert len(plan.of_type("aws_iam_policy")) == len(ENVIRONMENTS)  # what bounds the functions' roles
        assert not kinds & {"aws_budgets_budget", "aws_iam_openid_connect_provider"}
        assert [role.address for role in plan.of_type("aws_iam_role")] == ["aws_iam_role.gateway_logs"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_its_wiring_is_that_of_all(environment: str) -> None:
    """Every shared file is linked into it: no copy of the text can differ."""
    root = REPO / "envs" / environment
    links = {file.name: str(file.readlink()) for file in root.glob("*.tf") if file.is_symlink()}
    assert links == {name: f"../shared/{name}" for name in SHARED}
    assert (root / "locals.tf").exists()
