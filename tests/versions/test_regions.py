"""Plans of the next major provider show ``region`` on most resources: every reader of a plan takes it as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from tests.support.planning import Plans, inventory_for
from tests.support.trees import roots
from tests.versions.next_provider import read_schema

from harness.changes import changes
from harness.cost import PRICES, estimate, read_prices
from harness.facts import read_blueprint
from harness.inventory.document import match_counts, match_resource
from harness.inventory.suggest import suggest_resources
from harness.parity.declared import Side, declarations_of, parity
from harness.plan import Plan, ResourceChange
from harness.plan.sides import Values
from harness.rules import evaluate, evaluate_account, read_sources

BLUEPRINT = read_blueprint()
COMPARED = [(name, other) for name in BLUEPRINT.environments if (other := BLUEPRINT.compared_with(name))]
TYPES: Mapping[str, Any] = read_schema()["types"]


def regional(change: ResourceChange) -> bool:
    """Tell whether the recorded schema has ``region`` for a resource."""
    return change.mode == "managed" and "region" in TYPES.get(f"resource {change.type}", {})


def with_region(plan: Plan) -> Plan:
    """Show the region of every resource that has one in the next provider."""
    shown = {address: _shown(change) for address, change in plan.resources.items()}
    return replace(plan, resources=MappingProxyType(shown))


def _shown(change: ResourceChange) -> ResourceChange:
    if not regional(change):
        return change
    # Known at plan: provider 5 has it on buckets alone, and there it is unknown until apply.
    values, unknown = (msgspec.json.decode(raw) for raw in (change._after.raw, change._after.unknown))
    after = (values | {"region": BLUEPRINT.region}, unknown | {"region": False})
    value, mask = (msgspec.Raw(json.dumps(one).encode()) for one in after)
    return replace(change, _after=Values(value, mask, change._after.sensitive))


@pytest.fixture(params=roots())
def root(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pair(root: str, plans: Plans) -> tuple[Plan, Plan]:
    """A root's plan, and the same with regions."""
    plan = plans.environment(root).result()
    return plan, with_region(plan)


def test_most_resources_have_one(pair: tuple[Plan, Plan]) -> None:
    _, plan = pair
    having = [one for one in plan.resources.values() if regional(one)]
    assert len(having) >= 3
    assert {one.value("region") for one in having} == {BLUEPRINT.region}


def test_rules_say_the_same(root: str, pair: tuple[Plan, Plan], tree: Path) -> None:
    before, after = pair
    if root in BLUEPRINT.environments:
        said = [evaluate(one, environment=root, suffix=root, sources=read_sources(tree)) for one in pair]
        assert said[0] == said[1]
        assert said[1].findings == ()
    else:
        assert evaluate_account(after, root) == evaluate_account(before, root) == ()


def test_expectations_hold(root: str, pair: tuple[Plan, Plan]) -> None:
    inventory, (_, plan) = inventory_for(root), pair
    held = [match_resource(plan, address, attributes) for address, attributes in inventory.resources.items()]
    assert held
    assert [line for one in (*held, match_counts(plan, inventory)) for line in one] == []


def test_nothing_more_is_suggested_as_an_expectation(pair: tuple[Plan, Plan]) -> None:
    before, after = pair
    assert suggest_resources(after) == suggest_resources(before)


def test_it_is_shown_as_a_value_of_what_is_new_and_costs_nothing(pair: tuple[Plan, Plan]) -> None:
    before, after = pair
    plain, shown = changes(before), changes(after)
    assert [(one.address, one.action) for one in shown.resources] == [
        (one.address, one.action) for one in plain.resources
    ]
    told, known = ({edit.path for one in found.resources for edit in one.edits} for found in (shown, plain))
    assert told == known | {"region"}
    prices = read_prices(PRICES.read_bytes())
    assert estimate(after, prices, None) == estimate(before, prices, None)


@pytest.mark.parametrize(("environment", "other"), COMPARED)
def test_environments_differ_only_as_declared(environment: str, other: str, plans: Plans, tree: Path) -> None:
    left, right = (Side(name, name, with_region(plans.environment(name).result())) for name in (other, environment))
    assert parity(left, right, declarations_of(environment, other, tree)) == ()
