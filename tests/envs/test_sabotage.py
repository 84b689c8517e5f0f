"""Break one thing in a copy of the HCL, plan it for real, and see who notices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from tests.support.planning import Plans, existing, inventory_for, write_state

from harness.base.findings import Severity
from harness.facts import read_blueprint
from harness.inventory.document import match
from harness.parity.declared import Side, declarations_of, parity
from harness.plan import Action, Plan
from harness.rules import evaluate, read_sources

pytestmark = pytest.mark.example


@dataclass(frozen=True)
class Sabotage:
    """One change of one file, the environment it shows in, and the checks that must notice."""

    name: str
    file: str
    old: str
    new: str
    noticed_by: frozenset[str]
    environment: str = "prod"

    def __call__(self, tree: Path) -> None:
        """Apply it; the text it changes must be there, exactly once."""
        file = tree / self.file
        text, count = re.subn(self.old, self.new, file.read_text(), flags=re.MULTILINE)
        assert count == 1, f"{self.old!r} stands {count} times in {self.file}"
        file.write_text(text)


def sabotage(name: str, file: str, old: str, new: str, *noticed_by: str, environment: str = "prod") -> Sabotage:
    return Sabotage(name, file, old, new, frozenset(noticed_by), environment)


# Up to a value of the worked example's function or table, whatever stands beside it.
SERVICE_VALUES = r"(  services = \{\n(?:.*\n)*?    items = \{\n(?:      .*\n)*?      )"
TABLE_VALUES = SERVICE_VALUES.replace("services", "tables")

SABOTAGES = (
    sabotage("dimension-value-misspelt", "modules/alarms/watched.tf",
             r"FunctionName = (\w+)\.name", r'FunctionName = "${\1.name}x"',
             "alarm-liveness", "inventory"),
    sabotage("alarm-action-dropped", "modules/alarms/main.tf",
             r"^  alarm_actions = each\.value\.input \? \[\] : local\.actions$", "  alarm_actions = []",
             "alarm-liveness", "inventory"),
    sabotage("topic-shut-to-cloudwatch", "modules/alarms/topic.tf", r'"sns:Publish"', '"sns:Subscribe"',
             "alarm-liveness"),
    sabotage("key-shut-to-cloudwatch", "modules/key/policy.tf", r'"cloudwatch\.amazonaws\.com"',
             '"events.amazonaws.com"', "alarm-liveness"),
    sabotage("redeploy-trigger-removed", "modules/api/main.tf", r"^  triggers = \{\n(.*\n)*?  \}\n", "", "redeploy"),
    sabotage("deployment-does-not-wait", "modules/api/main.tf", r"^    aws_api_gateway_integration\.this,\n", "",
             "redeploy"),
    sabotage("stage-before-its-log-group", "modules/api/main.tf",
             r"^  depends_on = \[aws_cloudwatch_log_group\.execution\]\n", "", "redeploy"),
    sabotage("qualifier-removed", "modules/api/operations.tf", r"^  qualifier .*\n", "", "alias-wiring"),
    sabotage("source-removed", "modules/api/operations.tf", r"^  source_arn .*\n", "", "permission-scope"),
    sabotage("throttle-unset", "modules/api/throttles.tf", r"^    throttling_rate_limit  = each.*\n", "",
             "capacity-coherence", "inventory"),
    sabotage("whole-rate-for-every-method", "modules/api/throttles.tf", r"var\.throttle\.rate_limit \* percent \* 10",
             "var.throttle.rate_limit * 1000", "capacity-coherence", "inventory"),
    sabotage("path-as-it-is", "modules/api/throttles.tf", r'replace\(local\.operations\[each\.key\]\.path, "/", "~1"\)',
             'trimprefix(local.operations[each.key].path, "/")', "capacity-coherence"),
    sabotage("recovery-off", "envs/prod/locals.tf", rf"{TABLE_VALUES}recovery_days +=.*", r"\1recovery_days = null",
             "inventory", "parity"),
    sabotage("deletion-protection-off", "envs/prod/locals.tf", rf"{TABLE_VALUES}deletion_protection_enabled = true",
             r"\1deletion_protection_enabled = false", "inventory", "parity"),
    sabotage("key-dropped", "envs/prod/locals.tf", r"^  key = .*", "  key = null", "encryption", "inventory", "parity"),
    sabotage("reservation-too-small", "envs/prod/locals.tf", rf"{SERVICE_VALUES}reserved_concurrency = 100",
             r"\1reserved_concurrency = 49",
             "capacity-coherence", "inventory"),
    sabotage("table-cap-below-the-throttle", "envs/prod/derived.tf",
             r"max\(1, ceil\(local\.rate_limit \*", "max(1, ceil(1 *",
             "capacity-coherence", "inventory"),
    sabotage("one-shard", "lambda/items/service.yaml", r"shards: \{read: 4, write: 4\}", "shards: {read: 1, write: 1}",
             "inventory"),
    sabotage("whole-items-in-one-partition", "lambda/items/service.yaml",
             r"(      by-shard:\n(?:.*\n){3}.*)key_values: shards((?:.*\n){3}.*)write: 1\}",
             r"\1key_values: 1\2write: 7}",
             "capacity-coherence", "inventory"),
    sabotage("another-table", "envs/prod/derived.tf", r"(=> \{ arn = .*table_arn\}/\$\{)made\.name\}", r'\1table}',
             "least-privilege", "inventory"),
    sabotage("action-added", "lambda/items/permissions.yaml", r"      - name: dynamodb:GetItem\n",
             "      - {name: dynamodb:Scan, why: x, required: true, drop: x}\n      - name: dynamodb:GetItem\n",
             "least-privilege", "inventory"),
    sabotage("undeclared-difference", "envs/dev/locals.tf",
             rf"{SERVICE_VALUES}timeout_seconds +=.*", r"\1timeout_seconds = 11",
             "inventory", "parity", environment="dev"),
    sabotage("retention-alike", "envs/dev/locals.tf", r"log_retention_days = 7", "log_retention_days = 30",
             "inventory", "parity", environment="dev"),
    sabotage("tag-dropped", "envs/dev/providers.tf", r"^ *Owner .*\n", "", "tags", "inventory", environment="dev"),
    sabotage("suffix-dropped", "envs/dev/names.tf",
             r"\$\{local\.prefix\}\$\{table\}-\$\{local\.suffix\}", "${local.prefix}${table}",
             "suffix", "inventory", environment="dev"),
)  # fmt: skip


def noticed(plan: Plan, case: Sabotage, tree: Path, other: Plan) -> Iterator[str]:
    """Ids of the checks that find something in a plan."""
    where = case.environment
    report = evaluate(plan, environment=where, suffix=where, sources=read_sources(tree))
    plans = {where: plan, against(where): other}
    dev, prod = (Side(name, name, plans[name]) for name in ("dev", "prod"))
    declared = declarations_of("prod", "dev", tree)
    for finding in (*report.findings, *match(plan, inventory_for(where)), *parity(dev, prod, declared)):
        yield finding.check


def against(environment: str) -> str:
    return {"dev": "prod", "prod": "dev"}[environment]


@pytest.mark.parametrize("case", SABOTAGES, ids=lambda case: case.name)
def test_sabotage_is_noticed(case: Sabotage, plans: Plans) -> None:
    other = plans.environment(against(case.environment)).result()
    with plans.changed(case.environment, case) as (tree, plan):
        found = set(noticed(plan, case, tree, other))
    assert case.noticed_by <= found, f"found only {sorted(found)}"


TABLE = "aws_dynamodb_table.this"
NAME = read_blueprint().name("items", "prod")


def with_another_table(tree: Path) -> None:
    """A state whose table has another key: DynamoDB can only replace it."""
    exists = existing('table["items"]', TABLE, {"id": NAME, "name": NAME, "hash_key": "other"})
    write_state(tree / "envs" / "prod", [exists])


def test_replacing_prods_table_is_refused_until_its_address_is_acknowledged(plans: Plans) -> None:
    with plans.changed("prod", with_another_table) as (_, plan):
        pass
    address = f'module.table["items"].{TABLE}'

    def refused(check: str, *acknowledged: str) -> list[str]:
        report = evaluate(plan, environment="prod", suffix="prod", acknowledged=acknowledged)
        return [one.address for one in report.findings if one.check == check and one.severity is Severity.ERROR]

    gate = partial(refused, "destruction-gate")
    assert plan.resource(address).action is Action.REPLACE_CREATE_FIRST
    assert gate() == [address]
    assert gate('module.table["items"].aws_dynamodb_table.that') == [address]
    assert gate(address) == []
    # The API's deployment is created first, so is all that it depends on, and a second table of one name there is not.
    assert refused("same-name", address) == [address]


@pytest.mark.parametrize("environment", read_blueprint().environments)
def test_nothing_is_even_noted_of_the_example(environment: str, plans: Plans, tree: Path) -> None:
    plan = plans.environment(environment).result()
    report = evaluate(plan, environment=environment, suffix=environment, sources=read_sources(tree))
    assert [f"{one.address}: {one.message}" for one in report.findings] == []
