"""Limits of tables and indexes, against the request units that the throttle can ask of them."""

from collections.abc import Iterator

from harness.base.findings import Severity
from harness.facts import Table, Units
from harness.plan import Plan, ResourceChange, number
from harness.rules.rule import Context, Violation


def table_units(context: Context, rate: float) -> Iterator[Violation]:
    """Compare each table's limits with the most that a request takes of it, at ``rate`` requests a second."""
    services = context.sources.services.values()
    declared = {context.named(name): table for service in services for name, table in service.tables.items()}
    for table in context.plan.of_type("aws_dynamodb_table"):
        name = table.find("name")
        found = declared.get(name) if isinstance(name, str) else None
        if found is None:
            text = f"no service.yaml declares the table {name}: what a request asks of it is unknown, so its limits too"
            yield Violation(table.address, text, Severity.NOTE)
        else:
            yield from _limits(table, found, context.plan, rate)


def _limits(table: ResourceChange, declared: Table, plan: Plan, rate: float) -> Iterator[Violation]:
    yield from _judge(table, "table", "", declared.per_request, plan, rate)
    indexes = table.find("global_secondary_index")
    for at, index in enumerate(indexes) if isinstance(indexes, list) else ():
        name = index.get("name") if isinstance(index, dict) else None
        known = declared.indexes.get(name) if isinstance(name, str) else None
        if known is None:
            text = f"no service.yaml declares its index {name}: what a request asks of it is unknown"
            yield Violation(table.address, text, Severity.NOTE)
        else:
            block = f"global_secondary_index[{at}]."
            yield from _judge(table, f"index {name}", block, known.per_request, plan, rate)


def _judge(table: ResourceChange, what: str, block: str, asked: Units, plan: Plan, rate: float) -> Iterator[Violation]:
    for direction, units in (("read", asked.read), ("write", asked.write)):
        cap = _cap(table, what, block, direction, plan)
        sum_of = f"{rate:g} requests/s x {units:g} units = {rate * units:g} units/s"
        if cap is None or cap <= 0:
            text = f"{what} {direction} is not capped: cost is not either; the throttle can ask {sum_of}"
            yield Violation(table.address, text)
        elif cap < rate * units:
            text = f"{what} {direction} is capped at {cap:g} < {sum_of}: requests would be answered 503"
            yield Violation(table.address, text)


def _cap(table: ResourceChange, what: str, block: str, direction: str, plan: Plan) -> float | None:
    """Units a second that the table or an index may serve at most."""
    if table.find("billing_mode") != "PROVISIONED":
        return number(table.find(f"{block}on_demand_throughput[0].max_{direction}_request_units"))
    scaling = f"table/{table.find('name')}" + (what.replace("index ", "/index/") if block else "")
    scaled = [
        number(target.find("max_capacity"))
        for target in plan.of_type("aws_appautoscaling_target")
        if target.find("resource_id") == scaling
        and target.find("scalable_dimension")
        == f"dynamodb:{'index' if block else 'table'}:{direction.title()}CapacityUnits"
    ]
    return scaled[0] if scaled else number(table.find(f"{block}{direction}_capacity"))
