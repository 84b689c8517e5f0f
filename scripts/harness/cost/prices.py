"""Prices and assumptions: ``prices.yaml``, the one home of both."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from harness.base.errors import HarnessError


@dataclass(frozen=True, slots=True)
class Price:
    """``usd`` for ``per`` ``unit``, as published at ``source``."""

    usd: float
    per: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """What one request takes; see ``prices.yaml`` for units and reasons."""

    shares: Mapping[str, float]
    read_units: Mapping[str, float]
    write_units: Mapping[str, float]
    duration_ms: float
    log_kb: Mapping[str, float]
    custom_metrics: int
    traced_share: float
    key_requests: float

    def units(self, of: Mapping[str, float]) -> float:
        """Request units of the average request."""
        return sum(share * of[kind] for kind, share in self.shares.items())


@dataclass(frozen=True, slots=True)
class Prices:
    """Everything in ``prices.yaml``.

    Attributes:
        as_of: month the prices were written down.
    """

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
        return msgspec.yaml.decode(text, type=Prices)
    except msgspec.MsgspecError as error:
        raise HarnessError(f"scripts/harness/cost/prices.yaml: {error}", "mend it") from error
