"""Grow a copy by a service, a table of another key, a queue, alarms, an environment, a name: every plan is clean.

Each is made in a copy by editing values, wiring, ``lambda/<service>/`` and ``blueprint.yaml`` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.growth.growing import CUSTOM_ALARM, ENVIRONMENT, LIKE, QUEUE_ALARM, SERVICE, grow
from tests.support.ci_requests import Names
from tests.support.planning import Plans, inventory_for
from tests.support.rights import beyond_boundary, rights_of
from tests.support.trees import roots

from harness.base.findings import Severity
from harness.base.paths import ACCOUNT
from harness.facts import Feature, read_blueprint, read_services
from harness.inventory.document import match, read_inventory
from harness.inventory.placeholders import Placeholders
from harness.parity.declared import Side, declarations_of, parity
from harness.plan import Plan
from harness.rules import evaluate, read_sources
from harness.terraform.sandbox import copy_sources


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> Iterator[tuple[Path, Plans]]:
    """A copy that has grown, and its plans."""
    copy = tmp_path_factory.mktemp("grown") / "tree"
    copy_sources(tree, copy, symlinks=True)
    grow(copy)
    plans = Plans(tmp_path_factory.mktemp("plans"), copy)
    yield copy, plans
    plans.close()


def names(plan: Plan, kind: str, attribute: str) -> set[object]:
    return {change.find(attribute) for change in plan.of_type(kind)}


@pytest.mark.parametrize("environment", [*read_blueprint().environments, ENVIRONMENT])
def test_every_environment_has_both_services_and_every_rule_holds(environment: str, grown: tuple[Path, Plans]) -> None:
    copy, plans = grown
    plan = plans.environment(environment).result()
    blueprint = read_blueprint(copy)
    wanted = {blueprint.name(service, environment) for service in (*read_services(), SERVICE)}
    assert names(plan, "aws_lambda_function", "function_name") == wanted
    tables = {table for service in read_services().values() for table in service.tables}
    assert names(plan, "aws_dynamodb_table", "name") == {blueprint.name(one, environment) for one in (*tables, SERVICE)}
    assert blueprint.name("jobs", environment) in names(plan, "aws_sqs_queue", "name")
    added = {blueprint.name(key, environment) for key in (QUEUE_ALARM, CUSTOM_ALARM)}
    found = added & names(plan, "aws_cloudwatch_metric_alarm", "alarm_name")
    assert found == (added if Feature.EVERY_ALARM in blueprint.environment(environment).requires else set())
    report = evaluate(plan, environment=environment, suffix=environment, sources=read_sources(copy))
    assert [f"{one.address}: {one.message}" for one in report.findings if one.severity is Severity.ERROR] == []
    (note,) = [one for one in report.findings if one.severity is not Severity.ERROR]
    assert "aws_sqs_queue" in note.message


def test_a_table_is_keyed_as_its_service_says(grown: tuple[Path, Plans]) -> None:
    table = grown[1].environment(ENVIRONMENT).result().resource(f'module.table["{SERVICE}"].aws_dynamodb_table.this')
    assert (table.value("hash_key"), table.value("range_key")) == ("customer", "number")
    assert {part["name"]: part["type"] for part in table.value("attribute")} == {"customer": "S", "number": "N"}  # type: ignore[attr-defined]


def test_the_new_environment_is_compared_and_has_every_safeguard(grown: tuple[Path, Plans]) -> None:
    copy, plans = grown
    blueprint = read_blueprint(copy)
    assert blueprint.environment(ENVIRONMENT).guarded
    for environment in blueprint.environments:
        if other := blueprint.compared_with(environment):
            left, right = (Side(name, name, plans.environment(name).result()) for name in (other, environment))
            found = parity(left, right, declarations_of(environment, other, copy))
            assert [f"{one.address}: {one.message}" for one in found] == []
    assert blueprint.compared_with(ENVIRONMENT) == LIKE


def test_ci_gets_roles_for_the_environment_and_functions_keep_within_their_boundary(grown: tuple[Path, Plans]) -> None:
    copy, plans = grown
    own = Names(ENVIRONMENT)
    with plans.changed(ACCOUNT, lambda _: None, inventory_for(ACCOUNT).variables) as (_, account):
        apply = rights_of(account, own.ci_role("apply"))
        assert apply.allow("iam:PutRolePolicy", own.role, {"iam:PermissionsBoundary": own.boundary})
        assert not apply.allow("iam:PutRolePolicy", Names(LIKE).role, {"iam:PermissionsBoundary": own.boundary})
        for environment in read_blueprint(copy).environments:
            assert beyond_boundary(plans.environment(environment).result(), account) == []


def test_a_queue_that_is_not_named_as_ours_is_beyond_the_boundary(grown: tuple[Path, Plans]) -> None:
    def rename_queue(tree: Path) -> None:
        file = tree / "envs" / "shared" / "resources.tf"
        file.write_text(file.read_text().replace("${local.prefix}jobs-", "elsewhere-jobs-"))

    _, plans = grown
    with plans.changed(ENVIRONMENT, rename_queue) as (_, plan):
        beyond = beyond_boundary(plan, plans.environment(ACCOUNT).result())
    assert beyond
    assert {one.rpartition(":")[2] for one in beyond} == {f"elsewhere-jobs-{ENVIRONMENT}"}


def rename(tree: Path) -> None:
    file = tree / "blueprint.yaml"
    text = re.sub(r"^project: \S+", "project: renamed.product", file.read_text(), flags=re.MULTILINE)
    file.write_text(re.sub(r"^prefix: \S+", "prefix: renamed", text, flags=re.MULTILINE))


@pytest.mark.parametrize("root", roots())
def test_a_rename_changes_the_blueprint_alone(root: str, plans: Plans) -> None:
    """Inventories hold and rules hold under the other name, and the old one is nowhere in the plan."""
    before = read_blueprint()
    inventory = Path(__file__).parents[1] / "envs" / f"{root}.yaml"
    with plans.changed(root, rename, inventory_for(root).variables) as (copy, plan):
        words = Placeholders(read_blueprint(copy), root)
        expected = read_inventory(words.fill(inventory.read_text()), file=inventory.name)
        assert [f"{one.address}: {one.message}" for one in match(plan, expected)] == []
        if root != ACCOUNT:
            report = evaluate(plan, environment=root, suffix=root, sources=read_sources(copy))
            assert [f"{one.address}: {one.message}" for one in report.findings] == []
    text = repr([change.after for change in plan.resources.values()])
    assert before.project not in text
    assert f"{before.prefix}-" not in re.sub(r"x-api-key|\bapi-(?=[45l])|_api-", "", text)
