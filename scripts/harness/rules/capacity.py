"""Rule over capacity: the limits of gateway, functions, tables and time-outs fit each other. The arithmetic is said."""

import math
from collections.abc import Iterator

from harness.base.findings import Severity
from harness.facts import Service, Table, Units, dearest
from harness.plan import Plan, ResourceChange, number
from harness.plan.throttles import together
from harness.rules.partitions import partition_units
from harness.rules.relations import FUNCTION, called, proxies
from harness.rules.rule import Context, Violation
from harness.rules.throttles import key_limits, method_limits, method_shares, throttles

INTEGRATION_LIMIT_SECONDS = 29
"""API Gateway's default limit of an integration (quota "Maximum integration timeout in milliseconds")."""


def table_units(context: Context, rate: float) -> Iterator[Violation]:
    """Compare each table's limits with the most that a request takes of it, at ``rate`` requests a second."""
    services, shares = context.sources.services.values(), method_shares(context.plan, rate)
    declared = {context.named(name): table for service in services for name, table in service.tables.items()}
    for table in context.plan.of_type("aws_dynamodb_table"):
        name = table.find("name")
        found = declared.get(name) if isinstance(name, str) else None
        if found is None:
            text = f"no service.yaml declares the table {name}: what a request asks of it is unknown, so its limits too"
            yield Violation(table.address, text, Severity.NOTE)
        else:
            yield from _limits(table, found, context.plan, rate)
            yield from partition_units(table.address, found, shares, rate)


def _limits(table: ResourceChange, declared: Table, plan: Plan, rate: float) -> Iterator[Violation]:
    yield from _judge(table, "table", "", dearest(declared.per_request), plan, rate)
    indexes = table.find("global_secondary_index")
    if not isinstance(indexes, list | None):
        yield Violation(table.address, f"its indexes are {indexes}: nothing shows what they may serve")
    for at, index in enumerate(indexes) if isinstance(indexes, list) else ():
        name = index.get("name") if isinstance(index, dict) else None
        known = declared.indexes.get(name) if isinstance(name, str) else None
        if known is None:
            text = f"no service.yaml declares its index {name}: what a request asks of it is unknown"
            yield Violation(table.address, text, Severity.NOTE)
        else:
            block = f"global_secondary_index[{at}]."
            yield from _judge(table, f"index {name}", block, dearest(known.per_request), plan, rate)


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
    if table.find("billing_mode") not in ("PROVISIONED",):
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


def capacity_coherence(context: Context) -> Iterator[Violation]:
    """Limits that do not fit each other turn load into errors in the wrong place: a throttle the function cannot
    serve becomes 5xx, a table short of units becomes 503, a time-out longer than the caller's becomes a lost answer."""
    plan = context.plan
    each = throttles(plan)
    stage = together(each)
    rate = stage.rate if stage is not None else None
    yield from method_limits(plan)
    yield from key_limits(context, each)
    for function in plan.of_type(FUNCTION):
        service = context.service(function)
        yield from _concurrency(function, service, rate)
        yield from _timeouts(function, service, plan)
    if rate is not None:
        yield from table_units(context, rate)


def _concurrency(function: ResourceChange, service: Service | None, rate: float | None) -> Iterator[Violation]:
    planned = function.find("reserved_concurrent_executions")
    reserved = number(planned)
    if reserved is None and planned is not None:
        yield Violation(function.address, f"reserved concurrency is {planned}, no number at plan")
    if reserved == 0:
        yield Violation(function.address, "reserved concurrency 0 switches the function off")
    if reserved is None or reserved <= 0:
        return
    typical = service.seconds.typical if service is not None else 0
    if rate is not None and rate * typical > reserved:
        busy = f"{rate:g} requests/s x {typical:g} s = {rate * typical:g} at once"
        yield Violation(function.address, f"{busy} > {reserved:g} reserved: throttled requests become 5xx")


def _timeouts(function: ResourceChange, service: Service | None, plan: Plan) -> Iterator[Violation]:
    seconds = number(function.find("timeout"))
    if seconds is None:
        yield Violation(function.address, "timeout is not a number at plan")
        return
    if service is not None and service.seconds.call_at_worst >= seconds - service.seconds.margin:
        worst, margin = service.seconds.call_at_worst, service.seconds.margin
        left = f"timeout {seconds:g} s - margin {margin:g} s = {seconds - margin:g} s"
        yield Violation(function.address, f"one call to AWS may take {worst:g} s >= {left}: no time is left to answer")
    for integration in proxies(plan):
        milliseconds = integration.find("timeout_milliseconds")
        given = number(milliseconds)
        if given is None and milliseconds is not None:
            yield Violation(integration.address, f"timeout_milliseconds is {milliseconds}, no number at plan")
        limit = min(INTEGRATION_LIMIT_SECONDS, (given if given is not None else math.inf) / 1000)
        # A call that cannot be read may be one of this function.
        calls = called(integration)[0] in (None, function.find("function_name"))
        if calls and seconds >= limit:
            yield Violation(
                integration.address, f"gives up after {limit:g} s <= the function's {seconds:g} s: its answer is lost"
            )
