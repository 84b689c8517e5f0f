"""Limits that do not fit each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import msgspec
from tests.support.builder import Res, plan
from tests.support.pairs import SOURCES, Pair

from harness.facts import Key, Shards
from harness.rules import Sources

SETTINGS = Res(
    "aws_api_gateway_method_settings.all",
    {
        "method_path": "*/*",
        "stage_name": "v1",
        "settings": [{"throttling_rate_limit": 1000, "throttling_burst_limit": 2000}],
    },
)
STAGE = Res("aws_api_gateway_stage.this", {"stage_name": "v1"})
FUNCTION = Res(
    "aws_lambda_function.this", {"filename": "../shop.zip", "timeout": 10, "reserved_concurrent_executions": 100}
)
USAGE = Res(
    "aws_api_gateway_usage_plan.this",
    {
        "throttle_settings": [{"rate_limit": 1000, "burst_limit": 2000}],
        "quota_settings": [{"limit": 86_400_000, "period": "DAY"}],
    },
)
INTEGRATION = Res("aws_api_gateway_integration.this", {"type": "AWS_PROXY", "timeout_milliseconds": 29000})


def units(read: float, write: float) -> list[dict[str, float]]:
    return [{"max_read_request_units": read, "max_write_request_units": write}]


INDEX = {"name": "by-x", "on_demand_throughput": units(14000, 5000)}
TABLE = Res(
    "aws_dynamodb_table.this",
    {
        "name": "api-carts-copy",
        "billing_mode": "PAY_PER_REQUEST",
        "on_demand_throughput": units(2000, 13000),
        "global_secondary_index": [INDEX],
    },
)
FIXED = Res(
    "aws_dynamodb_table.this",
    {"name": "api-carts-copy", "billing_mode": "PROVISIONED", "read_capacity": 5, "write_capacity": 20000},
)
SCALED = Res(
    "aws_appautoscaling_target.read",
    {
        "resource_id": "table/api-carts-copy",
        "scalable_dimension": "dynamodb:table:ReadCapacityUnits",
        "max_capacity": 2000,
    },
)


def spread(index: int | Literal["shards"] = 5, **table: Any) -> Sources:
    """Facts of a shop whose index, or table, has so many key values."""
    carts = SOURCES.services["shop"].tables["carts"]
    by_x = msgspec.structs.replace(carts.indexes["by-x"], key_values=index)
    shop = msgspec.structs.replace(
        SOURCES.services["shop"], tables={"carts": msgspec.structs.replace(carts, indexes={"by-x": by_x}, **table)}
    )
    return replace(SOURCES, services={**SOURCES.services, "shop": shop})


def throttle(rate: Any, burst: Any) -> Res:
    return SETTINGS.but(settings=[{"throttling_rate_limit": rate, "throttling_burst_limit": burst}])


def method(route: str) -> Res:
    return Res(f'aws_api_gateway_method.this["{route}"]', {"http_method": route.partition(" ")[0]})


def limited(route: str, path: str, rate: float) -> Res:
    """Settings of one method."""
    values = {**(SETTINGS.after or {}), "method_path": path}
    own = Res(f'aws_api_gateway_method_settings.this["{route}"]', values)
    return own.but(settings=[{"throttling_rate_limit": rate, "throttling_burst_limit": 2 * rate}])


ROUTES = (method("GET /carts"), method("PUT /carts/{id}"))


def shared(reads: float) -> tuple[Res, Res]:
    """Settings of both methods, which share 1,000 requests a second."""
    return limited("GET /carts", "~1carts/GET", reads), limited("PUT /carts/{id}", "~1carts~1{id}/PUT", 1000 - reads)


GET, PUT = shared(600)
REST = throttle(1, 1)


def quota(limit: Any, period: Any = "DAY") -> Res:
    return USAGE.but(quota_settings=[{"limit": limit, "period": period}])


def usage(rate: Any, burst: Any) -> Res:
    return USAGE.but(throttle_settings=[{"rate_limit": rate, "burst_limit": burst}])


def capacity(way: str, says: str, broken: tuple[Res, ...], mended: tuple[Res, ...], **rest: Any) -> Pair:
    return Pair("capacity-coherence", way, plan(*broken), plan(*mended), says, **rest)


PAIRS = (
    capacity("no-throttle", "no method settings for */*", (STAGE,), (STAGE, SETTINGS)),
    capacity("throttle-of-one-method", "no method settings for */*", (STAGE, GET), (STAGE, GET, SETTINGS)),
    capacity("throttle-of-each-method", "table read is capped at 2000 < 2000 requests/s x 2 units = 4000 units/s",
             (SETTINGS, *ROUTES, TABLE), (throttle(500, 1000), *ROUTES, TABLE)),
    capacity("throttle-of-the-others", "table read is capped at 2000 < 1600 requests/s x 2 units = 3200 units/s",
             (SETTINGS, GET, *ROUTES, TABLE), (throttle(400, 800), GET, *ROUTES, TABLE)),
    capacity("throttle-of-no-method", "method_path carts/{id}/PUT is no method of this API",
             (REST, GET, limited("PUT /carts/{id}", "carts/{id}/PUT", 400), *ROUTES), (REST, GET, PUT, *ROUTES)),
    capacity("usage-promises-more-than-the-methods", "promises 1000 requests/s, the methods let 600 + 1 = 601 through",
             (REST, GET, *ROUTES, USAGE), (REST, GET, PUT, *ROUTES, USAGE)),
    capacity("usage-promises-more-than-rounding", "the methods let 600 + 399.99 = 999.99 through",
             (REST, GET, limited("PUT /carts/{id}", "~1carts~1{id}/PUT", 399.99), *ROUTES, USAGE),
             (REST, GET, limited("PUT /carts/{id}", "~1carts~1{id}/PUT", 399.999), *ROUTES, USAGE)),
    capacity("quota", "quota 1,000,000 a day / 1000 requests/s = 16.7 minutes at the full rate < 1,440",
             (quota(1_000_000),), (quota(86_400_000),)),
    capacity("quota-of-a-week", "quota 86,400,000 a week / 1000 requests/s = 1,440.0 minutes at the full rate < 10,080",
             (quota(86_400_000, "WEEK"),), (quota(7 * 86_400_000, "WEEK"),)),
    capacity("quota-of-a-year", "quota's period is YEAR, none of DAY, WEEK, MONTH", (quota(10, "YEAR"),),
             (quota(30 * 86_400_000, "MONTH"),)),
    capacity("unlimited", "-1 or nothing means no limit", (throttle(-1, -1),), (SETTINGS,)),
    capacity("unset", "rate None", (SETTINGS.but(settings=[{}]),), (SETTINGS,)),
    capacity("burst", "burst 500 < rate 1000", (throttle(1000, 500),), (SETTINGS,)),
    capacity("usage-burst", "burst 500 < rate 1000", (usage(1000, 500),), (USAGE,)),
    capacity("usage-promises-more", "promises 3000 requests/s, the methods let 1000 = 1000 through",
             (SETTINGS, usage(3000, 3000)), (SETTINGS, USAGE)),
    capacity("usage-without-quota", "quota None", (USAGE.but(quota_settings=[]),), (USAGE,)),
    capacity("concurrency", "1000 requests/s x 0.05 s = 50 at once > 40 reserved",
             (SETTINGS, FUNCTION.but(reserved_concurrent_executions=40)),
             (SETTINGS, FUNCTION.but(reserved_concurrent_executions=50))),
    capacity("switched-off", "switches the function off",
             (FUNCTION.but(reserved_concurrent_executions=0),), (FUNCTION,)),
    capacity("sdk-outlives-handler", "one call to AWS may take 7.2 s >= timeout 9 s - margin 2.5 s = 6.5 s",
             (FUNCTION.but(timeout=9),), (FUNCTION,)),
    capacity("timeout-unknown", "timeout is not a number", (FUNCTION.but(timeout=None),), (FUNCTION,)),
    capacity("function-outlives-gateway", "gives up after 29 s <= the function's 29 s",
             (FUNCTION.but(timeout=29), INTEGRATION), (FUNCTION.but(timeout=28), INTEGRATION)),
    capacity("integration-gives-up", "gives up after 5 s", (FUNCTION, INTEGRATION.but(timeout_milliseconds=5000)),
             (FUNCTION, INTEGRATION)),
    capacity("table-reads", "table read is capped at 1999 < 1000 requests/s x 2 units = 2000 units/s",
             (SETTINGS, TABLE.but(on_demand_throughput=units(1999, 13000))), (SETTINGS, TABLE)),
    capacity("table-writes", "table write is capped at 9999",
             (SETTINGS, TABLE.but(on_demand_throughput=units(2000, 9999))), (SETTINGS, TABLE)),
    capacity("index-reads", "index by-x read is capped at 13999", (SETTINGS, TABLE.but(
             global_secondary_index=[{**INDEX, "on_demand_throughput": units(13999, 5000)}])), (SETTINGS, TABLE)),
    capacity("index-writes", "index by-x write is capped at 4999", (SETTINGS, TABLE.but(
             global_secondary_index=[{**INDEX, "on_demand_throughput": units(14000, 4999)}])), (SETTINGS, TABLE)),
    capacity("uncapped", "table read is not capped", (SETTINGS, TABLE.but(on_demand_throughput=[])), (SETTINGS, TABLE)),
    capacity("provisioned", "table read is capped at 5", (SETTINGS, FIXED), (SETTINGS, FIXED, SCALED)),
    # Under caps that are high enough, one key value takes what a partition does; methods' limits say how many write.
    capacity("one-key-value", "by-x write: 1000 requests/s x 5 units / 1 key values = 5000 units/s > 1000, the most",
             (SETTINGS, TABLE), (SETTINGS, TABLE), sources=spread(index=1), mended_sources=spread(index=5)),
    capacity("reads-of-one-key-value", "by-x read: 1000 requests/s x 14 units / 4 key values = 3500 units/s > 3000",
             (SETTINGS, TABLE), (SETTINGS, TABLE), sources=spread(index=4), mended_sources=spread(index=5)),
    capacity("a-range-of-one-key-value", "table write: 1000 requests/s x 13 units / 1 key values = 13000",
             (SETTINGS, TABLE), (SETTINGS, TABLE), sources=spread(range_key=Key("y")),
             mended_sources=spread(range_key=Key("y"), key_values=13)),
    capacity("too-few-shards", "index by-x write: 1000 requests/s x 5 units / 4 key values = 1250 units/s > 1000",
             (SETTINGS, TABLE), (SETTINGS, TABLE), sources=spread("shards", shards=Shards(9, 4)),
             mended_sources=spread("shards", shards=Shards(9, 5))),
    capacity("more-writes-let-through", "by-x write: 1000 requests/s x 1.5 units / 1 key values = 1500 units/s > 1000",
             (REST, *ROUTES, *shared(300), TABLE), (REST, *ROUTES, *shared(200), TABLE), sources=spread(index=1)),
)  # fmt: skip
