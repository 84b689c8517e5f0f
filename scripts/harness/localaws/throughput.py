"""Model of the throughput of DynamoDB's partitions and of the maxima set on tables and indexes. Pure.

Figures and names from the Amazon DynamoDB Developer Guide: "Best practices for designing and using partition keys
effectively" (a partition is designed to deliver at most 3,000 read units and 1,000 write units a second), "DynamoDB
burst and adaptive capacity", "DynamoDB read and write operations" (sizes of units), "Diagnosing throttling" (reasons
and the metrics that belong to them).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from harness import facts

WRITE_UNIT_BYTES, READ_UNIT_BYTES = 1024, 4096
_KEPT_BUCKETS = 10_000
_ROUNDING = 1e-6  # units; sums of seconds times units are a little off


class Direction(StrEnum):
    """Reading or writing, as metrics and reasons name it."""

    READ = "Read"
    WRITE = "Write"


class Cause(StrEnum):
    """Limits that throttle, as metrics and reasons name them."""

    KEY_RANGE = "KeyRangeThroughput"
    MAX_ON_DEMAND = "MaxOnDemandThroughput"
    PROVISIONED = "ProvisionedThroughput"


@dataclass(frozen=True, slots=True)
class Resource:
    """A table, or one of its global secondary indexes.

    Attributes:
        table_arn: of the table, of the index's table too.
        index: name of the index, "" for the table itself.
    """

    table_arn: str
    index: str = ""

    @property
    def arn(self) -> str:
        """Return the ARN of the table or the index."""
        return f"{self.table_arn}/index/{self.index}" if self.index else self.table_arn

    @property
    def dimensions(self) -> dict[str, str]:
        """Return the dimensions its metrics are emitted with."""
        table = {"TableName": self.table_arn.rpartition("/")[2]}
        return table | ({"GlobalSecondaryIndexName": self.index} if self.index else {})


@dataclass(frozen=True, slots=True)
class Demand:
    """Request units that one request takes from one key value.

    Attributes:
        resource: the table or index.
        key: value of the hash key.
        direction: reading or writing.
        units: request units.
    """

    resource: Resource
    key: Hashable
    direction: Direction
    units: float


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit of a table or an index as a whole, or of one partition.

    Attributes:
        cause: what a throttle by it is called.
        per_second: request units a second.
        saved_seconds: how many seconds' unused units are kept for later.
    """

    cause: Cause
    per_second: float
    saved_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Throttle:
    """A limit that a request met.

    Attributes:
        key: the key value whose partition it is; None where the limit is the whole table's or index's.
    """

    resource: Resource
    direction: Direction
    cause: Cause
    key: Hashable = None

    @property
    def reason(self) -> str:
        """Return the reason as AWS writes it: ``IndexWriteKeyRangeThroughputExceeded``."""
        return f"{'Index' if self.resource.index else 'Table'}{self.direction}{self.cause}Exceeded"

    @property
    def metrics(self) -> tuple[str, str]:
        """Return the names of the two metrics that count it: of any cause, and of this one."""
        return f"{self.direction}ThrottleEvents", f"{self.direction}{self.cause}ThrottleEvents"

    def stops(self, demand: Demand) -> bool:
        """Tell if it is a limit of what ``demand`` asks for."""
        same = (self.resource, self.direction) == (demand.resource, demand.direction)
        return same and self.key in (None, demand.key)


PARTITION = {
    Direction.READ: Cap(Cause.KEY_RANGE, facts.PARTITION.read),
    Direction.WRITE: Cap(Cause.KEY_RANGE, facts.PARTITION.write),
}
"""Limits of one partition. A key value whose items do not split (or whose new items all have the highest sort key) is
never on more than one, so each key value of a table and of each index is held to them. Saved-up units do not help a
partition ("How does DynamoDB handle spiky workloads in short intervals", AWS re:Post)."""

Caps = Callable[[Resource, Direction], Sequence[Cap]]
"""Finds the limits of a table or an index as a whole; none without one."""


def write_units(size: int) -> float:
    """Count the units of writing ``size`` bytes: 1 for each started KB."""
    return float(max(1, math.ceil(size / WRITE_UNIT_BYTES)))


def read_units(size: int, *, consistent: bool) -> float:
    """Count the units of reading ``size`` bytes: 1 for each started 4 KB, half when eventually consistent."""
    return max(1, math.ceil(size / READ_UNIT_BYTES)) * (1.0 if consistent else 0.5)


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as an index holds it.

    Attributes:
        key: value of the index's hash key.
        place: values of all its key attributes.
        content: what is projected.
        size: bytes of what is projected.
    """

    key: Hashable
    place: Hashable
    content: object
    size: int


def entry_writes(before: Entry | None, after: Entry | None) -> list[tuple[Hashable, float]]:
    """List the writes of an index that follow a change of an item: key value and units of each.

    None when nothing that is projected changes, one for an entry that comes, goes or changes in its place, two for one
    that moves ("Using Global Secondary Indexes in DynamoDB", provisioned throughput considerations for writes).
    """
    if before and after and before.place == after.place:
        same = before.content == after.content
        return [] if same else [(after.key, write_units(max(before.size, after.size)))]
    return [(entry.key, write_units(entry.size)) for entry in (before, after) if entry]


@dataclass(slots=True)
class Throughput:
    """Units left of every limit.

    A limit is a bucket that fills by its units a second. A request passes when all its buckets hold what it takes, or
    are full (so that an item larger than a second's units passes, too, and is paid off later); then it takes it from
    all of them, else from none.

    Attributes:
        since: seconds on the clock at which all buckets were empty; minus infinity when they begin full.
    """

    since: float = -math.inf
    _buckets: dict[Throttle, tuple[float, float, Cap]] = field(default_factory=dict)
    _crowded: int = _KEPT_BUCKETS

    def admit(self, demands: Iterable[Demand], caps: Caps, now: float) -> tuple[Throttle, ...]:
        """Take what a request asks for at ``now`` seconds; the limits that refuse it, none when it passes."""
        wanted: dict[tuple[Throttle, Cap], float] = defaultdict(float)
        for demand in demands:
            where, what = demand.resource, demand.direction
            wanted[Throttle(where, what, Cause.KEY_RANGE, demand.key), PARTITION[what]] += demand.units
            for cap in caps(where, what):
                wanted[Throttle(where, what, cap.cause), cap] += demand.units
        left = {limit: self._level(limit, cap, now) - units for (limit, cap), units in wanted.items()}
        short = [
            limit for (limit, cap), units in wanted.items() if left[limit] + units < min(units, _depth(cap)) - _ROUNDING
        ]
        if not short:
            self._buckets |= {limit: (left[limit], now, cap) for limit, cap in wanted}
            self._forget(now)
        return tuple(short)

    def _level(self, limit: Throttle, cap: Cap, now: float) -> float:
        level, at, _ = self._buckets.get(limit, (0.0, self.since, cap))
        return _filled(level, at, cap, now)

    def _forget(self, now: float) -> None:
        """Drop buckets that are full again: they are as good as new ones."""
        if len(self._buckets) <= self._crowded:
            return
        for limit, (level, at, cap) in list(self._buckets.items()):
            if _filled(level, at, cap, now) >= _depth(cap):
                del self._buckets[limit]
        self._crowded = max(_KEPT_BUCKETS, 2 * len(self._buckets))


def _depth(cap: Cap) -> float:
    return cap.per_second * cap.saved_seconds


def _filled(level: float, at: float, cap: Cap, now: float) -> float:
    return min(_depth(cap), level + max(0.0, now - at) * cap.per_second)
