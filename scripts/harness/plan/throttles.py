"""Add up what the methods of a stage let through: AWS applies a stage's throttle to each method by itself.

"Throttle requests to your REST APIs for better throughput in API Gateway", Developer Guide: "Per-API, per-stage
throttling limits are applied at the API method level for a stage".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.plan.model import ResourceChange
from harness.plan.values import number

METHOD = "aws_api_gateway_method"
SETTINGS = "aws_api_gateway_method_settings"
EVERY_METHOD = "*/*"


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests a second, and at once."""

    rate: float
    burst: float


def throttle_of(settings: ResourceChange) -> Throttle | None:
    """Read the limits of settings; ``None`` for what is no limit (-1 on AWS) or cannot be read."""
    rate, burst = (number(settings.find(f"settings[0].throttling_{one}_limit")) for one in ("rate", "burst"))
    return Throttle(rate, burst) if rate is not None and burst is not None and min(rate, burst) > 0 else None


def each_throttle(settings: Sequence[ResourceChange], methods: int) -> tuple[Throttle, ...]:
    """List the throttle of every method of a stage; where one has no limit, nothing.

    Args:
        settings: all of one stage.
        methods: how many methods the API has; those without settings of their own have those of ``*/*``. 0, when the
            plan shows none: then the settings are all there is, and count once each.
    """
    own = [one for one in settings if one.find("method_path") != EVERY_METHOD]
    every = [one for one in settings if one.find("method_path") == EVERY_METHOD]
    rest = max(methods - len(own), 0) if methods else 1 - min(len(own), 1)
    found = [throttle_of(one) for one in (*own, *(every * rest))]
    known = tuple(one for one in found if one is not None)
    return known if len(known) == len(found) else ()


def together(each: Sequence[Throttle]) -> Throttle | None:
    """Add up throttles; ``None`` for none."""
    return Throttle(sum(one.rate for one in each), sum(one.burst for one in each)) if each else None
