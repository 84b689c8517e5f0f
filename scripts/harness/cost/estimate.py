"""From a plan's resources to what they cost. Every type is priced or said to be free; an unknown one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness.cost.prices import Prices, Traffic
from harness.plan import Plan, ResourceChange

_HOURS = 730.0  # a month, as AWS bills
_DAYS = 30.0
_KB_PER_GB = 1e6
_MB_PER_GB = 1024.0  # Lambda's memory


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is billed.

    Attributes:
        address: the resource.
        price: its price's name in ``prices.yaml``.
        quantity: how many units a month.
        usd: what that costs.
        fixed: whether it costs as much without any request.
    """

    address: str
    price: str
    quantity: float
    usd: float
    fixed: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """A month's cost.

    Attributes:
        lines: everything billed.
        unpriced: addresses of resources whose type nobody has priced: the total is too low.
    """

    lines: tuple[Line, ...]
    unpriced: tuple[str, ...]

    def total(self, *, fixed: bool | None = None) -> float:
        """USD a month: all of it, or only what is fixed, or only what traffic causes."""
        return sum(line.usd for line in self.lines if fixed in (None, line.fixed))


@dataclass(frozen=True, slots=True)
class _Use:
    prices: Prices
    traffic: Traffic

    def line(self, change: ResourceChange, price: str, quantity: float, *, fixed: bool = False) -> Line:
        asked = self.prices.prices[price]
        return Line(change.address, price, quantity, quantity / asked.per * asked.usd, fixed)


def _function(change: ResourceChange, use: _Use) -> Iterator[Line]:
    requests, assumed = use.traffic.requests, use.prices.assumed
    gigabytes = _number(change, "memory_size") / _MB_PER_GB
    yield use.line(change, "lambda_request", requests)
    yield use.line(change, "lambda_gb_second", requests * assumed.duration_ms / 1000 * gigabytes)
    yield use.line(change, "metric", assumed.custom_metrics)
    if change.value("tracing_config[0].mode") == "Active":
        yield use.line(change, "trace", requests * assumed.traced_share)


def _stage(change: ResourceChange, use: _Use) -> Iterator[Line]:
    yield use.line(change, "api_request", use.traffic.requests)


def _table(change: ResourceChange, use: _Use) -> Iterator[Line]:
    assumed, traffic = use.prices.assumed, use.traffic
    if change.value("billing_mode") == "PROVISIONED":
        for direction in ("read", "write"):
            indexes = change.value("global_secondary_index")
            units = _number(change, f"{direction}_capacity")
            units += sum(index[f"{direction}_capacity"] for index in indexes) if isinstance(indexes, list) else 0
            yield use.line(change, f"table_{direction}_hour", units * _HOURS, fixed=True)
    else:
        yield use.line(change, "table_read", traffic.requests * assumed.units(assumed.read_units))
        yield use.line(change, "table_write", traffic.requests * assumed.units(assumed.write_units))
    # The index holds every item once more.
    yield use.line(change, "table_storage", 2 * traffic.stored_gb)
    if change.value("point_in_time_recovery[0].enabled") is True:
        yield use.line(change, "table_recovery", 2 * traffic.stored_gb)


def _log_group(change: ResourceChange, use: _Use) -> Iterator[Line]:
    name, by_prefix = change.value("name"), use.prices.assumed.log_kb
    known = name if isinstance(name, str) else ""
    each = next((kb for prefix, kb in by_prefix.items() if prefix and known.startswith(prefix)), by_prefix[""])
    gigabytes = use.traffic.requests * each / _KB_PER_GB
    yield use.line(change, "log_ingestion", gigabytes)
    yield use.line(change, "log_storage", gigabytes * _number(change, "retention_in_days") / _DAYS)


def _key(change: ResourceChange, use: _Use) -> Iterator[Line]:
    yield use.line(change, "key", 1, fixed=True)
    yield use.line(change, "key_request", use.traffic.requests * use.prices.assumed.key_requests)


def _each(price: str) -> Callable[[ResourceChange, _Use], Iterator[Line]]:
    def one(change: ResourceChange, use: _Use) -> Iterator[Line]:
        yield use.line(change, price, 1, fixed=True)

    return one


PRICED: Mapping[str, Callable[[ResourceChange, _Use], Iterator[Line]]] = {
    "aws_api_gateway_stage": _stage,
    "aws_cloudwatch_composite_alarm": _each("composite_alarm"),
    "aws_cloudwatch_dashboard": _each("dashboard"),
    "aws_cloudwatch_log_group": _log_group,
    "aws_cloudwatch_metric_alarm": _each("alarm"),
    "aws_dynamodb_table": _table,
    "aws_kms_key": _key,
    "aws_lambda_function": _function,
}
"""What is billed, by type."""

FREE = frozenset(
    {
        "aws_api_gateway_api_key",
        "aws_api_gateway_deployment",
        "aws_api_gateway_gateway_response",
        "aws_api_gateway_integration",
        "aws_api_gateway_integration_response",
        "aws_api_gateway_method",
        "aws_api_gateway_method_response",
        "aws_api_gateway_method_settings",
        "aws_api_gateway_request_validator",
        "aws_api_gateway_resource",
        "aws_api_gateway_rest_api",
        "aws_api_gateway_usage_plan",
        "aws_api_gateway_usage_plan_key",
        "aws_appautoscaling_policy",
        "aws_appautoscaling_target",
        "aws_budgets_budget",  # two of them a day without actions are free
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_kms_alias",
        "aws_kms_key_policy",
        "aws_lambda_alias",
        "aws_lambda_permission",
        "aws_sns_topic",  # a few alarms a month are within a cent
        "aws_sns_topic_policy",
        "terraform_data",
    }
)
"""Types that cost nothing themselves."""


def estimate(plan: Plan, prices: Prices, traffic: Traffic) -> Estimate:
    """What the resources of a plan cost a month once it is applied."""
    use = _Use(prices, traffic)
    lines: list[Line] = []
    unpriced = []
    for change in plan.resources.values():
        if change.mode != "managed" or not change.stays or change.type in FREE:
            continue
        if change.type in PRICED:
            lines += PRICED[change.type](change, use)
        else:
            unpriced.append(change.address)
    return Estimate(tuple(lines), tuple(unpriced))


def _number(change: ResourceChange, path: str) -> float:
    value = change.value(path)
    return float(value) if isinstance(value, int | float) else 0.0
