"""Capacity coherence: the limits of gateway, function, table and time-outs fit each other. The arithmetic is said."""

from __future__ import annotations

import math
from collections.abc import Iterator

from harness.plan import Plan, ResourceChange, number
from harness.rules.rule import Context, Violation

INTEGRATION_LIMIT_SECONDS = 29
"""API Gateway's default limit of an integration (quota "Maximum integration timeout in milliseconds")."""
UNRESERVED_MINIMUM = 100
"""Concurrency AWS keeps unreserved in every account (Lambda quotas); only used when the account was asked."""
ITEM_KB = 5
"""The largest item the contract allows: description 4,000, name 200 and short fields, as plain text."""
KEY_RECORD_KB = 1
"""An idempotency key's record: two hashes, an id, a token and times, some 400 bytes."""
PAGE_ITEMS = 20 + 1
"""Items read for a page when the client asks for no other number: one more tells whether there is a next page."""

_READ_KB = 4
# The dearest request: a POST with an idempotency key whose id is taken. A transaction costs twice the units, and a
# write whose condition is false as much as one that is done (DynamoDB Developer Guide, "Managing complex workflows with
# DynamoDB transactions" and "Conditional writes"); then the record alone is written.
TABLE_WRITES = 2 * (ITEM_KB + KEY_RECORD_KB) + KEY_RECORD_KB
# One strongly consistent read of the item, in steps of 4 KB.
TABLE_READS = math.ceil(ITEM_KB / _READ_KB)
INDEX_WRITES = ITEM_KB
# A page, eventually consistent: half a unit for each 4 KB.
INDEX_READS = math.ceil(PAGE_ITEMS * ITEM_KB / _READ_KB / 2)


def capacity_coherence(context: Context) -> Iterator[Violation]:
    """Limits that do not fit each other turn load into errors in the wrong place: a throttle the function cannot
    serve becomes 5xx, a table short of units becomes 503, a time-out longer than the caller's becomes a lost answer."""
    plan = context.plan
    rates = [rate for settings in plan.of_type("aws_api_gateway_method_settings") for rate in _rate(settings)]
    yield from _throttles(plan)
    yield from _usage_plans(plan, rates)
    for function in plan.of_type("aws_lambda_function"):
        yield from _concurrency(function, context, max(rates, default=None))
        yield from _timeouts(function, context)
    for table in plan.of_type("aws_dynamodb_table"):
        if rates:
            yield from _units(table, plan, max(rates))


def _rate(settings: ResourceChange) -> Iterator[float]:
    rate = number(settings.find("settings[0].throttling_rate_limit"))
    if rate is not None and rate > 0:
        yield rate


def _throttles(plan: Plan) -> Iterator[Violation]:
    everywhere = {
        one.find("stage_name")
        for one in plan.of_type("aws_api_gateway_method_settings")
        if one.find("method_path") == "*/*"
    }
    for stage in plan.of_type("aws_api_gateway_stage"):
        if stage.find("stage_name") not in everywhere:
            yield Violation(stage.address, "no method settings for */*: its throttle is the account's, shared by all")
    for settings in plan.of_type("aws_api_gateway_method_settings"):
        rate = number(settings.find("settings[0].throttling_rate_limit"))
        burst = number(settings.find("settings[0].throttling_burst_limit"))
        if rate is None or burst is None or rate <= 0 or burst <= 0:
            yield Violation(settings.address, f"throttle is rate {rate}, burst {burst}: -1 or nothing means no limit")
        elif burst < rate:
            yield Violation(settings.address, f"burst {burst:g} < rate {rate:g}: a full second's requests are refused")


def _usage_plans(plan: Plan, rates: list[float]) -> Iterator[Violation]:
    for usage in plan.of_type("aws_api_gateway_usage_plan"):
        rate = number(usage.find("throttle_settings[0].rate_limit"))
        burst = number(usage.find("throttle_settings[0].burst_limit"))
        quota = number(usage.find("quota_settings[0].limit"))
        if rate is None or burst is None or quota is None:
            yield Violation(usage.address, f"rate {rate}, burst {burst}, quota {quota}: a plan that limits nothing")
            continue
        if burst < rate:
            yield Violation(usage.address, f"burst {burst:g} < rate {rate:g}")
        if rates and rate > max(rates):
            yield Violation(usage.address, f"promises {rate:g} requests/s, the stage gives {max(rates):g}")


def _concurrency(function: ResourceChange, context: Context, rate: float | None) -> Iterator[Violation]:
    reserved = number(function.find("reserved_concurrent_executions"))
    typical = context.sources.constants["TYPICAL_DURATION_SECONDS"]
    if reserved == 0:
        yield Violation(function.address, "reserved concurrency 0 switches the function off")
    if reserved is None or reserved <= 0:
        return
    if rate is not None and rate * typical > reserved:
        busy = f"{rate:g} requests/s x {typical:g} s = {rate * typical:g} at once"
        yield Violation(function.address, f"{busy} > {reserved:g} reserved: throttled requests become 5xx")
    quota = context.sources.concurrency_quota
    if quota is not None and reserved > quota - UNRESERVED_MINIMUM:
        room = f"{quota} of the account - {UNRESERVED_MINIMUM} kept = {quota - UNRESERVED_MINIMUM}"
        yield Violation(function.address, f"{reserved:g} reserved > {room}: apply would fail")


def _timeouts(function: ResourceChange, context: Context) -> Iterator[Violation]:
    seconds = number(function.find("timeout"))
    if seconds is None:
        yield Violation(function.address, "timeout is not a number at plan")
        return
    worst = context.sources.constants["SDK_WORST_CASE_SECONDS"]
    margin = context.sources.constants["HANDLER_MARGIN_SECONDS"]
    if worst >= seconds - margin:
        left = f"timeout {seconds:g} s - margin {margin:g} s = {seconds - margin:g} s"
        yield Violation(function.address, f"one table call may take {worst:g} s >= {left}: no time is left to answer")
    for integration in context.plan.of_type("aws_api_gateway_integration"):
        given = number(integration.find("timeout_milliseconds"))
        limit = min(INTEGRATION_LIMIT_SECONDS, (given if given is not None else math.inf) / 1000)
        if integration.find("type") == "AWS_PROXY" and seconds >= limit:
            yield Violation(
                integration.address, f"gives up after {limit:g} s <= the function's {seconds:g} s: its answer is lost"
            )


def _units(table: ResourceChange, plan: Plan, rate: float) -> Iterator[Violation]:
    """Every limit of the table and its indexes, against what the throttle lets in."""
    indexes = table.find("global_secondary_index")
    caps = [
        (f"table {direction}", _cap(table, "", direction, plan), per_request)
        for direction, per_request in (("read", TABLE_READS), ("write", TABLE_WRITES))
    ]
    for at in range(len(indexes)) if isinstance(indexes, list) else ():
        caps += [
            (f"index {direction}", _cap(table, f"global_secondary_index[{at}].", direction, plan), per_request)
            for direction, per_request in (("read", INDEX_READS), ("write", INDEX_WRITES))
        ]
    for what, cap, per_request in caps:
        asked = f"{rate:g} requests/s x {per_request} units = {rate * per_request:g} units/s"
        if cap is None or cap <= 0:
            yield Violation(table.address, f"{what} is not capped: cost is not either; the throttle can ask {asked}")
        elif cap < rate * per_request:
            yield Violation(table.address, f"{what} is capped at {cap:g} < {asked}: requests would be answered 503")


def _cap(table: ResourceChange, block: str, direction: str, plan: Plan) -> float | None:
    """Units a second that the table or an index may serve at most."""
    if table.find("billing_mode") != "PROVISIONED":
        return number(table.find(f"{block}on_demand_throughput[0].max_{direction}_request_units"))
    scaled = [
        number(target.find("max_capacity"))
        for target in plan.of_type("aws_appautoscaling_target")
        if target.find("resource_id") == f"table/{table.find('name')}"
        and target.find("scalable_dimension") == f"dynamodb:table:{direction.title()}CapacityUnits"
    ]
    return scaled[0] if scaled and not block else number(table.find(f"{block}{direction}_capacity"))
