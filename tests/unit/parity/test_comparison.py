"""The comparison of the environments: a column each, every function and table in it, from the plans alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.builder import Res, plan
from tests.support.planning import Plans

from harness.facts import Blueprint, Environment, read_blueprint
from harness.parity import comparison
from harness.plan import UNKNOWN, Plan

SHOP = Blueprint("shop", "shop", "eu-west-1", {"calm": Environment(guarded=False), "live": Environment()})


def cells(setting: str, plans: Mapping[str, Plan], blueprint: Blueprint = SHOP) -> list[str]:
    lines = [line for line in comparison.render(plans, blueprint).splitlines() if line.startswith(f"| {setting}")]
    assert len(lines) == 1
    return [cell.strip() for cell in lines[0].strip("|").split("|")][1:-1]


def both(*resources: Res) -> dict[str, Plan]:
    """The same plan for both environments of the made-up blueprint."""
    return dict.fromkeys(SHOP.environments, plan(*resources))


def function(name: str, environment: str, **values: Any) -> Res:
    named = {"function_name": f"shop-{name}-{environment}", "memory_size": 512, "timeout": 10, **values}
    return Res(f'aws_lambda_function.this["{name}"]', named)


def table(name: str, environment: str, *indexes: str, **values: Any) -> Res:
    throughput = [{"max_read_request_units": 10, "max_write_request_units": 20}]
    more = [{"name": index, "on_demand_throughput": throughput} for index in indexes]
    content = {"billing_mode": "PAY_PER_REQUEST", "on_demand_throughput": throughput, "global_secondary_index": more}
    return Res(f'aws_dynamodb_table.this["{name}"]', {"name": f"shop-{name}-{environment}", **content, **values})


@pytest.fixture(scope="module")
def real(plans: Plans) -> dict[str, Plan]:
    """Plans of this repository's environments; the first two are the worked example's."""
    return {name: plans.environment(name).result() for name in read_blueprint().environments}


def test_the_columns_are_the_environments_and_every_row_says_what_it_costs(real: dict[str, Plan]) -> None:
    head, rule, *rows = comparison.render(real, read_blueprint()).splitlines()
    names = list(read_blueprint().environments)
    assert [cell.strip() for cell in head.strip("|").split("|")] == ["setting", *names, "cost"]
    assert rule == f"|{'---|' * (len(names) + 2)}"
    for line in rows:
        assert line.count("|") == len(names) + 3
        assert line.strip("|").split("|")[-1].strip()


def test_functions_that_differ_are_told_apart_and_alike_ones_are_told_once() -> None:
    plans = {
        "calm": plan(function("orders", "calm"), function("carts", "calm")),
        "live": plan(function("orders", "live", memory_size=1024), function("carts", "live")),
    }
    assert cells("Lambda memory", plans) == ["512 MB / 10 s", "orders: 1,024 MB / 10 s; carts: 512 MB / 10 s"]


def test_tables_and_indexes_are_told_apart() -> None:
    plans = {
        "calm": plan(table("orders", "calm", "by-day"), table("carts", "calm", deletion_protection_enabled=True)),
        "live": plan(table("orders", "live", "by-day", "by-user")),
    }
    first, second = cells("table capacity", plans)
    limits = "10 read, 20 write"
    carts = f"carts: on demand, at most table {limits} units/s"
    assert first == f"orders: on demand, at most table {limits}; index {limits} units/s; {carts}"
    assert second == f"on demand, at most table {limits}; index by-day {limits}; index by-user {limits} units/s"
    assert cells("deletion protection", plans) == ["orders: off; carts: on", "off"]


def test_guarded_is_what_the_blueprint_says() -> None:
    assert cells("destroy", both()) == ["free", "refused without acknowledgement, address by address"]


def test_what_is_missing_or_unknown_is_none_and_not_a_crash() -> None:
    odd = function("orders", "calm", memory_size=UNKNOWN, timeout=None, reserved_concurrent_executions=-1)
    assert cells("Lambda memory", both(odd))[0] == "none MB / none s"
    assert cells("Lambda reserved", both(odd))[0] == "none"
    assert cells("Lambda memory", both())[0] == cells("table capacity", both())[0] == "none"
    assert cells("table capacity", both(table("x", "calm", billing_mode="PROVISIONED")))[0] == "provisioned"
    nameless = (table("x", "calm").but(name=UNKNOWN), table("y", "calm", billing_mode="PROVISIONED"))
    assert cells("table capacity", both(*nameless))[0].startswith('aws_dynamodb_table.this["x"]: on demand')
