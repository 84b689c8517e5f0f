"""What ``make new`` and ``make rename`` write plans cleanly: a service, a route, an environment, other names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.planning import Plans

from harness.base.findings import Severity
from harness.base.options import read_options
from harness.facts import read_blueprint, read_routes
from harness.inventory.document import match, read_inventory
from harness.inventory.placeholders import Placeholders
from harness.parity.declared import Side, declarations_of, parity
from harness.rules import evaluate, read_sources
from harness.scaffold.tree_edits import write
from harness.terraform.sandbox import copy_sources
from harness.verbs import new, rename

# Nothing stands under these names.
SERVICE, ENVIRONMENT, ROUTE = "zebras", "zz-made", "POST /zebras/{id}/feed"
LIKE = [*read_blueprint().environments][-1]


def copied(tree: Path, copy: Path) -> Path:
    """Copy what plans read, and what the verbs edit beside it."""
    copy_sources(tree, copy, symlinks=True)
    for file in (*(tree / "lambda").glob("*/*.py"), *(tree / "tests/envs").glob("*.yaml")):
        (copy / file.relative_to(tree)).parent.mkdir(parents=True, exist_ok=True)
        (copy / file.relative_to(tree)).write_bytes(file.read_bytes())
    return copy


def make(copy: Path, **given: str) -> None:
    write(copy, new.computed(read_options(given), copy))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> Iterator[tuple[Path, Plans]]:
    """A copy that has all of it, and its plans."""
    copy = copied(tree, tmp_path_factory.mktemp("made") / "tree")
    make(copy, ENVIRONMENT=ENVIRONMENT, FROM=LIKE)
    make(copy, SERVICE=SERVICE)
    make(copy, ROUTE=ROUTE)
    write(copy, rename.computed(read_options({"PROJECT": "web.shop", "PREFIX": "shop"}), copy))
    plans = Plans(tmp_path_factory.mktemp("plans"), copy)
    yield copy, plans
    plans.close()


@pytest.mark.parametrize("environment", [*read_blueprint().environments, ENVIRONMENT])
def test_every_rule_holds_and_differences_are_declared(environment: str, made: tuple[Path, Plans]) -> None:
    copy, plans = made
    plan = plans.environment(environment).result()
    assert {change.index for change in plan.of_type("aws_api_gateway_method")} >= read_routes(SERVICE, copy)
    assert ROUTE in read_routes(SERVICE, copy)
    report = evaluate(plan, environment=environment, suffix=environment, sources=read_sources(copy))
    assert [f"{one.address}: {one.message}" for one in report.findings if one.severity is Severity.ERROR] == []
    if other := read_blueprint(copy).compared_with(environment):
        left, right = (Side(name, name, plans.environment(name).result()) for name in (other, environment))
        found = parity(left, right, declarations_of(environment, other, copy))
        assert [f"{one.address}: {one.message}" for one in found] == []


def test_the_service_is_sized_as_its_neighbours(made: tuple[Path, Plans]) -> None:
    """Its function and table are there under the new prefix, protected as the environment's other tables are."""
    copy, plans = made
    plan, blueprint = plans.environment(ENVIRONMENT).result(), read_blueprint(copy)
    table = plan.resource(f'module.table["{SERVICE}"].aws_dynamodb_table.this')
    others = [one for one in plan.of_type("aws_dynamodb_table") if one.address != table.address]
    assert table.value("name") == blueprint.name(SERVICE, ENVIRONMENT) == f"shop-{SERVICE}-{ENVIRONMENT}"
    protection = "deletion_protection_enabled"
    assert table.value(protection) in {one.value(protection) for one in others}


def test_the_inventory_of_a_new_environment_holds(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = copied(tree, tmp_path_factory.mktemp("like") / "tree")
    make(copy, ENVIRONMENT=ENVIRONMENT, FROM=LIKE)
    write(copy, rename.computed(read_options({"PROJECT": "web.shop", "PREFIX": "shop"}), copy))
    text = Placeholders(read_blueprint(copy), ENVIRONMENT).fill((copy / f"tests/envs/{ENVIRONMENT}.yaml").read_text())
    expected = read_inventory(text, file=ENVIRONMENT)
    plans = Plans(tmp_path_factory.mktemp("plans"), copy, lanes=1)
    try:
        plan = plans.environment(ENVIRONMENT, expected).result()
    finally:
        plans.close()
    assert [f"{one.address}: {one.message}" for one in match(plan, expected)] == []
