"""From a plan's resources to what they cost. A type that nobody priced is told, once, and keeps nothing back.

``prices.yaml`` is the one home of prices and assumptions.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from harness.base.errors import HarnessError
from harness.facts import Load
from harness.plan import Plan, ResourceChange, number, prior
from harness.plan.addresses import plain_address
from harness.plan.resource_types import TYPES, unknown_types
from harness.plan.throttles import SETTINGS
from harness.typed.known_types import known

_HOURS = 730.0  # a month, as AWS bills
_DAYS = 30.0
_KB_PER_GB = 1e6
_MB_PER_GB = 1024.0  # Lambda's memory
_INFO, _ERROR = "INFO", "ERROR"


@dataclass(frozen=True, slots=True)
class Price:
    """``usd`` for ``per`` ``unit``, as published at ``source``."""

    usd: float
    per: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """Assumed use of one request; ``prices.yaml`` has units and reasons."""

    shares: Mapping[str, float]
    read_units: Mapping[str, float]
    write_units: Mapping[str, float]
    keys_share: float
    duration_ms: float
    log_kb: Mapping[str, float]
    execution_log_kb: Mapping[str, float]
    custom_metrics: int
    traced_share: float
    key_requests: float

    def units(self, of: Mapping[str, float]) -> float:
        """Request units of the average request."""
        return sum(share * of[kind] for kind, share in self.shares.items())


@dataclass(frozen=True, slots=True)
class Prices:
    """Everything in ``prices.yaml``."""

    as_of: str
    region: str
    prices: Mapping[str, Price]
    assumed: Assumed


def read_prices(text: bytes) -> Prices:
    """Read the file's text.

    Raises:
        HarnessError: a name is missing, or a value is of the wrong kind.
    """
    try:
        return msgspec.yaml.decode(text, type=known(Prices))
    except msgspec.MsgspecError as error:
        raise HarnessError(f"scripts/harness/cost/prices.yaml: {error}", "mend it") from error


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is billed.

    Attributes:
        price: its price's name in ``prices.yaml``.
        quantity: how many units a month.
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
        unpriced: types of resources that nobody has priced: the total is too low.
    """

    lines: tuple[Line, ...]
    unpriced: tuple[str, ...]

    def total(self, *, fixed: bool | None = None) -> float:
        """USD a month: all of it, or only what is fixed, or only what traffic causes."""
        return sum(line.usd for line in self.lines if fixed in (None, line.fixed))

    def by_price(self) -> Mapping[tuple[str, str], list[Line]]:
        """Group lines of the same price in all instances of a block: by address without keys, and name of the price."""
        found: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in self.lines:
            found[plain_address(line.address), line.price].append(line)
        return found


@dataclass(frozen=True, slots=True)
class _Use:
    """Prices and load; resources that share the load share it evenly.

    Attributes:
        execution_level: what the gateway writes into its execution logs.
    """

    prices: Prices
    load: Load
    sharing: Mapping[str, int]
    execution_level: str = _INFO

    def line(self, change: ResourceChange, price: str, quantity: float, *, fixed: bool = False) -> Line:
        asked = self.prices.prices[price]
        return Line(change.address, price, quantity, quantity / asked.per * asked.usd, fixed)

    def requests(self, change: ResourceChange) -> float:
        """Requests of a month that a resource has its part in."""
        return self.load.requests_per_month / self.sharing[self.kind(change)]

    def stored_gb(self, change: ResourceChange) -> float:
        return self.load.stored_gb / self.sharing[self.kind(change)]

    def kind(self, change: ResourceChange) -> str:
        """Name those that a resource shares the load with: log groups by the beginning of their names."""
        if change.type != "aws_cloudwatch_log_group":
            return change.type
        name = change.find("name")
        known = name if isinstance(name, str) else ""
        return next((one for one in self.prices.assumed.log_kb if known.startswith(one)), "")

    def log_kb(self, group: ResourceChange) -> float:
        """Return the KB that a request writes into a group; one of no known beginning is an execution log."""
        assumed = self.prices.assumed
        return assumed.log_kb.get(self.kind(group), assumed.execution_log_kb[self.execution_level])


def _function(change: ResourceChange, use: _Use) -> Iterator[Line]:
    requests, assumed = use.requests(change), use.prices.assumed
    gigabytes = _number(change, "memory_size") / _MB_PER_GB
    yield use.line(change, "lambda_request", requests)
    yield use.line(change, "lambda_gb_second", requests * assumed.duration_ms / 1000 * gigabytes)
    yield use.line(change, "metric", assumed.custom_metrics)
    if change.find("tracing_config[0].mode") == "Active":
        yield use.line(change, "trace", requests * assumed.traced_share)


def _stage(change: ResourceChange, use: _Use) -> Iterator[Line]:
    yield use.line(change, "api_request", use.requests(change))


def _table(change: ResourceChange, use: _Use) -> Iterator[Line]:
    assumed, requests = use.prices.assumed, use.requests(change)
    listed = change.find("global_secondary_index")
    indexes = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if change.find("billing_mode") == "PROVISIONED":
        for direction in ("read", "write"):
            units = _number(change, f"{direction}_capacity")
            units += sum(number(index.get(f"{direction}_capacity")) or 0.0 for index in indexes)
            yield use.line(change, f"table_{direction}_hour", units * _HOURS, fixed=True)
    else:
        yield use.line(change, "table_read", requests * assumed.units(assumed.read_units))
        yield use.line(change, "table_write", requests * assumed.units(assumed.write_units))
    # Each index holds every item once more, or its keys.
    copies = sum(assumed.keys_share if one.get("projection_type") == "KEYS_ONLY" else 1.0 for one in indexes)
    stored = (1 + copies) * use.stored_gb(change)
    yield use.line(change, "table_storage", stored)
    if change.find("point_in_time_recovery[0].enabled") is True:
        yield use.line(change, "table_recovery", stored)


def _log_group(change: ResourceChange, use: _Use) -> Iterator[Line]:
    gigabytes = use.requests(change) * use.log_kb(change) / _KB_PER_GB
    yield use.line(change, "log_ingestion", gigabytes)
    yield use.line(change, "log_storage", gigabytes * _number(change, "retention_in_days") / _DAYS)


def _key(change: ResourceChange, use: _Use) -> Iterator[Line]:
    yield use.line(change, "key", 1, fixed=True)
    yield use.line(change, "key_request", use.requests(change) * use.prices.assumed.key_requests)


_BY_USE: Mapping[str, Callable[[ResourceChange, _Use], Iterator[Line]]] = {
    "aws_api_gateway_stage": _stage,
    "aws_cloudwatch_log_group": _log_group,
    "aws_dynamodb_table": _table,
    "aws_kms_key": _key,
    "aws_lambda_function": _function,
}
"""Types whose cost depends on their use or settings; of every other one each is billed once by each of its prices."""


def estimate(plan: Plan, prices: Prices, load: Load | None) -> Estimate:
    """Estimate a month of a plan's resources, once it is applied.

    Args:
        load: the environment's assumed use; ``None``: only what costs without any request.
    """
    standing = [change for change in plan.resources.values() if change.mode == "managed" and change.stays]
    alone = _Use(prices, load or Load(0, 0), {})
    sharing = Counter(alone.kind(change) for change in standing)
    use = _Use(prices, alone.load, sharing, _execution_level(standing))
    lines = [line for change in standing if change.type in TYPES for line in _lines(change, use)]
    unpriced = unknown_types(change.type for change in standing)
    return Estimate(tuple(line for line in lines if line.fixed or load is not None), unpriced)


def _execution_level(standing: Iterable[ResourceChange]) -> str:
    """Read what the gateway logs of each request: every step, unless all its methods log failures alone."""
    settings = [one for one in standing if one.type == SETTINGS]
    every = all(one.find("settings[0].logging_level") == _ERROR for one in settings)
    return _ERROR if settings and every else _INFO


def estimate_now(plan: Plan, prices: Prices, load: Load | None) -> Estimate | None:
    """Estimate what stands before a plan is applied; ``None`` when nothing does."""
    standing = prior(plan)
    return estimate(standing, prices, load) if standing.resources else None


def _lines(change: ResourceChange, use: _Use) -> Iterator[Line]:
    if change.type in _BY_USE:
        yield from _BY_USE[change.type](change, use)
    else:
        yield from (use.line(change, price, 1, fixed=True) for price in TYPES[change.type].prices)


def _number(change: ResourceChange, path: str) -> float:
    value = change.find(path)
    return float(value) if isinstance(value, int | float) else 0.0
