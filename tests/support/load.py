"""Load at an environment's rate, on a clock that stands still between requests, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.plan import Plan, ResourceChange, number

_EVERY_METHOD = "*/*"


def promised_rate(limits: Mapping[str, float]) -> float:
    """Add up what a stage lets through, requests a second.

    Args:
        limits: of each method with one of its own, by its path in the settings; ``*/*`` is that of all others. Without
            any of its own the stage is taken to promise the one of all.
    """
    own = {path: rate for path, rate in limits.items() if path != _EVERY_METHOD}
    return sum(own.values()) if own else limits[_EVERY_METHOD]


def planned_limits(plan: Plan) -> dict[str, float]:
    """Read the rates of a planned stage's method settings."""
    found: dict[str, float] = {}
    for one in plan.of_type("aws_api_gateway_method_settings"):
        rate = number(one.find("settings[0].throttling_rate_limit"))
        assert rate is not None and rate > 0, f"{one.address} limits nothing"
        found[str(one.value("method_path"))] = rate
    return found


def planned_table(table: ResourceChange, name: str) -> dict[str, Any]:
    """Make the request that creates a planned table under another name: keys, indexes, projections and maxima."""
    assert table.value("billing_mode") == "PAY_PER_REQUEST"
    attributes = [{"AttributeName": one["name"], "AttributeType": one["type"]} for one in _blocks(table, "attribute")]
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": _keys({key: table.find(key) for key in ("hash_key", "range_key")}),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": one["name"],
                "KeySchema": _keys(one),
                "Projection": {"ProjectionType": one["projection_type"]},
                **_maximum(one.get("on_demand_throughput")),
            }
            for one in _blocks(table, "global_secondary_index")
        ],
        **_maximum(table.find("on_demand_throughput")),
    }


def _blocks(table: ResourceChange, name: str) -> list[Mapping[str, Any]]:
    found = table.value(name)
    assert isinstance(found, list)
    return found


def _keys(block: Mapping[str, Any]) -> list[dict[str, str]]:
    kinds = {"hash_key": "HASH", "range_key": "RANGE"}
    return [{"AttributeName": block[key], "KeyType": kind} for key, kind in kinds.items() if block.get(key)]


def _maximum(blocks: Any) -> dict[str, Any]:
    if not blocks:
        return {}
    (one,) = blocks
    units = {"MaxReadRequestUnits": "max_read_request_units", "MaxWriteRequestUnits": "max_write_request_units"}
    return {"OnDemandThroughput": {name: one[attribute] for name, attribute in units.items()}}


def arrivals(rates: Mapping[str, float], seconds: float) -> Iterator[tuple[float, str]]:
    """List when requests arrive, evenly by operation: seconds from the start and the operation, in order of time."""
    evenly = [
        ((number + 1) / rate, operation) for operation, rate in rates.items() for number in range(round(rate * seconds))
    ]
    yield from sorted(evenly)


@dataclass(slots=True)
class Outcome:
    """What came of a load.

    Attributes:
        answers: how many, by operation and status.
        throttles: events that CloudWatch counted, by metric and the table or index it is of.
        unhelpful: answers of a 503 that do not say when to come back.
    """

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    throttles: Counter[str] = field(default_factory=Counter)
    unhelpful: int = 0

    def answered(self, operation: str, status: int, retry_after: str | None) -> None:
        """Count an answer to a client."""
        self.answers[operation, status] += 1
        self.unhelpful += status == 503 and not retry_after

    def counted(self, metric: str, events: float, dimensions: Mapping[str, str]) -> None:
        """Count what CloudWatch was told, if it is about throttling."""
        if "Throttle" in metric and events:
            self.throttles[f"{metric} of {' '.join(dimensions.values())}"] += int(events)

    def failures(self, *forgiven: int) -> list[str]:
        """List what a load must not lead to when an environment promises to carry it, but for some statuses."""
        bad = [f"{number} x {metric}" for metric, number in sorted(self.throttles.items())]
        return bad + [
            f"{number} x {operation} answered {status}"
            for (operation, status), number in sorted(self.answers.items())
            if status >= 300 and status not in forgiven
        ]

    def undocumented(self, *forgiven: int) -> list[str]:
        """List answers that no load may lead to: all but success, 429, and 503 that says when to come back."""
        documented = (429, 503, *forgiven)
        bad = [
            f"{operation}: {status}" for operation, status in self.answers if status >= 300 and status not in documented
        ]
        return bad + ([f"{self.unhelpful} x 503 without Retry-After"] if self.unhelpful else [])
