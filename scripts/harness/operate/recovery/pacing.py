"""Pace of a restore: a share of a table's throughput, by what AWS says each call consumed; slower when throttled.

The limit of a table, or of an index, is its on-demand maximum or provisioned capacity, and never more than one
partition serves: items are read in the order of their partitions, so that every call is at work on one of them
("Scanning tables in DynamoDB", section "Parallel scan", Amazon DynamoDB Developer Guide).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import botocore.exceptions

from harness.aws.missing import error_code
from harness.facts import PARTITION

DEFAULT_SHARE = 0.25
"""Share of the throughput that a restore takes: what AWS Glue's crawler takes of an on-demand table's maximum
("DynamoDBTarget", AWS Glue API, ``scanRate``). Of provisioned tables it takes half; here the caps are cut to what the
service needs."""

_THROTTLED = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"})
_SLOWEST = 1 / 64
_RECOVERY = 1 / 32  # of the share, with each call that is served
_LONGEST_PAUSE_SECONDS = 32.0


class Clock(Protocol):
    """Time in seconds."""

    def now(self) -> float:
        """Return the time since anywhere; it never goes back."""

    def epoch(self) -> float:
        """Return the time since 1970."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


class RealClock:
    """The machine's own time."""

    def now(self) -> float:
        """Return the time since anywhere; it never goes back."""
        return time.monotonic()

    def epoch(self) -> float:
        """Return the time since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


CLOCK = RealClock()


class Pace:
    """Units that may be spent on a table and its indexes: each call waits until those before it are paid off.

    Args:
        limits: units a second, by index; ``""`` for the table itself. The share is taken of each.
    """

    def __init__(self, limits: Mapping[str, float], share: float, clock: Clock) -> None:
        self.clock = clock
        self.throttles = 0
        self._rates = {name: limit * share for name, limit in limits.items()}
        self._free_at = dict.fromkeys(limits, 0.0)
        self._slowness = 1.0
        self._pause = 0.0

    def call(self, ask: Callable[[], Any]) -> Any:
        """Return the answer of ``ask``, as often as it is throttled before."""
        while True:
            self.wait()
            try:
                answer = ask()
            except botocore.exceptions.ClientError as error:
                if not is_throttle(error):
                    raise
                self.slow_down()
            else:
                self.spend(answer)
                return answer

    def wait(self) -> None:
        """Let time pass until all that was spent is paid off."""
        seconds = max(self._free_at.values()) - self.clock.now()
        if seconds > 0:
            self.clock.sleep(seconds)

    def spend(self, answer: Mapping[str, Any]) -> None:
        """Note what a call that was served consumed."""
        now = self.clock.now()
        for name, units in consumed(answer):
            if name in self._rates:  # not an index that was made since
                rate = self._rates[name] * self._slowness
                self._free_at[name] = max(self._free_at[name], now) + units / rate
        self._pause = 0.0
        self._slowness = min(1.0, self._slowness + _RECOVERY)

    def slow_down(self) -> None:
        """Halve the rate and pause, the longer the more calls in a row were throttled: others need the throughput."""
        self.throttles += 1
        self._slowness = max(_SLOWEST, self._slowness / 2)
        self._pause = min(_LONGEST_PAUSE_SECONDS, 2 * self._pause or 1.0)
        later = self.clock.now() + self._pause
        self._free_at = {name: max(free, later) for name, free in self._free_at.items()}


def is_throttle(error: BaseException | None) -> bool:
    """Tell if an error of boto3 says that the table has no throughput left for the call."""
    return error_code(error) in _THROTTLED


def consumed(answer: Mapping[str, Any]) -> Iterable[tuple[str, float]]:
    """List the units that a call consumed, by index; ``""`` for the table. The call asked for ``INDEXES``."""
    told = answer["ConsumedCapacity"]
    for one in told if isinstance(told, list) else [told]:
        local = one.get("LocalSecondaryIndexes", {}).values()  # they use the table's own throughput
        yield "", sum(float(part["CapacityUnits"]) for part in (one["Table"], *local))
        for name, units in one.get("GlobalSecondaryIndexes", {}).items():
            yield name, float(units["CapacityUnits"])


def read_limits(described: Mapping[str, Any]) -> dict[str, float]:
    """Return the units a second that may be read of a table as ``DescribeTable`` describes it."""
    return {"": _limit(described, described, "Read", PARTITION.read)}


def write_limits(described: Mapping[str, Any]) -> dict[str, float]:
    """Return the units a second that may be written to a table and to its indexes, which throttle its writes, too."""
    indexes = {str(one["IndexName"]): one for one in described.get("GlobalSecondaryIndexes", ())}
    return {name: _limit(described, one, "Write", PARTITION.write) for name, one in {"": described, **indexes}.items()}


def _limit(table: Mapping[str, Any], part: Mapping[str, Any], kind: str, most: float) -> float:
    if table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
        # Left out, or -1: no maximum. Such a table is taken for one that serves what a partition does.
        units = float(part.get("OnDemandThroughput", {}).get(f"Max{kind}RequestUnits", -1))
    else:
        units = float(part["ProvisionedThroughput"][f"{kind}CapacityUnits"])
    return min(units, most) if units > 0 else most
