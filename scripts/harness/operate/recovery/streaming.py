"""A copy and a table compared record by record, page by page, and written back on the way.

The copy's pages are looked up in the table: what is missing, changed, equal. Then the table's pages are looked up in
the copy: what came later. Never more is held than a page and what stands under its keys, so that a table of any size
fits.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

import botocore.exceptions

from harness.aws.missing import error_code, refusing
from harness.operate.deployed import Table
from harness.operate.recovery.items import (
    Difference,
    Item,
    Key,
    Kind,
    as_parameter,
    condition,
    difference_of,
    key_of,
    kind_of,
)
from harness.operate.recovery.pacing import Pace, is_throttle
from harness.operate.recovery.request import Mode

PAGE_ITEMS = 100
"""Items read at once: what BatchGetItem takes. Small pages leave the service room between them ("Best practices for
querying and scanning data", Amazon DynamoDB Developer Guide)."""
_WRITERS = 8
_NAMED = 10
_READ = "check that it exists and may be read, then run the same command again"
_GOES_ON = "mend it and run the same command again: it goes on"
_COUNTED = {"ReturnConsumedCapacity": "INDEXES"}
_WRITTEN = {
    Mode.MISSING: frozenset({Kind.MISSING}),
    Mode.EXACT: frozenset({Kind.MISSING, Kind.CHANGED, Kind.LATER}),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two tables, and the pace at which it is read."""

    name: str
    reads: Pace


@dataclass(frozen=True, slots=True)
class Pair:
    """A table and its copy.

    Attributes:
        writes: pace of writes to the table.
        now: epoch seconds; what expired before is not missed.
        noted: called with the number of records looked at, after each page.
    """

    client: Any
    table: Table
    live: Side
    copy: Side
    writes: Pace
    now: float
    noted: Callable[[int], None] = lambda _: None


@dataclass(slots=True)
class Outcome:
    """Records compared, and what became of those that were written back.

    Attributes:
        found: number of records by kind, before anything was written.
        done: items written or deleted.
        refused: number of items that somebody else wrote between the comparison and the write; left as they are.
        named: keys of the first of them.
    """

    found: Counter[Kind] = field(default_factory=Counter)
    done: int = 0
    refused: int = 0
    named: list[Key] = field(default_factory=list)

    @property
    def difference(self) -> Difference:
        """Numbers of records that told the table from the copy."""
        return difference_of(self.found)

    def refuse(self, key: Key) -> None:
        """Note an item that was left as it is."""
        self.refused += 1
        self.named += [key][: _NAMED - len(self.named)]


@dataclass(frozen=True, slots=True)
class _Write:
    key: Key
    seen: Item | None
    wanted: Item | None


class _End(Enum):
    REFUSED = "refused"
    THROTTLED = "throttled"


def stream(pair: Pair, mode: Mode | None = None) -> Outcome:
    """Compare every record of a table and its copy; with a mode write back what it brings back, on the way.

    Each write holds only if the item is still as it was compared. What was written stays, however this ends.

    Raises:
        HarnessError: AWS refuses; throttling is waited out.
    """
    outcome, kinds = Outcome(), _WRITTEN[mode] if mode else frozenset()
    with ThreadPoolExecutor(_WRITERS) as pool:
        for group in _groups(pair):
            outcome.found.update(kind for kind, _ in group)
            _write_all(pair, pool, [write for kind, write in group if kind in kinds], outcome)
    return outcome


def _groups(pair: Pair) -> Iterator[list[tuple[Kind, _Write]]]:
    """Yield each page's records with what they are: first those of the copy, then those that the table alone has."""
    for page in _pages(pair, pair.copy):
        live = _look_up(pair, pair.live, page)
        yield [
            (kind_of(pair.table, live.get(key), item, pair.now), _Write(key, live.get(key), item))
            for key, item in page.items()
        ]
    for page in _pages(pair, pair.live):
        known = _look_up(pair, pair.copy, page)
        alone = [(key, item) for key, item in page.items() if key not in known]
        kinds = [(kind_of(pair.table, item, None, pair.now), _Write(key, item, None)) for key, item in alone]
        yield [one for one in kinds if one[0] is Kind.LATER]


def _pages(pair: Pair, side: Side) -> Iterator[dict[Key, Item]]:
    asked = {"TableName": side.name, "ConsistentRead": True, "Limit": PAGE_ITEMS, **_COUNTED}
    while True:
        with refusing(f"cannot read table {side.name}", _READ):
            answer = side.reads.call(partial(pair.client.scan, **asked))
        yield {key_of(pair.table, item): item for item in answer["Items"]}
        pair.noted(len(answer["Items"]))
        if "LastEvaluatedKey" not in answer:
            return
        asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _look_up(pair: Pair, side: Side, keys: Iterable[Key]) -> dict[Key, Item]:
    """Read the records that stand under the keys; AWS may answer a part of them at a time."""
    left = [as_parameter(pair.table, key) for key in keys]
    found: dict[Key, Item] = {}
    while left:
        asked = {side.name: {"Keys": left, "ConsistentRead": True}}
        with refusing(f"cannot read table {side.name}", _READ):
            answer = side.reads.call(partial(pair.client.batch_get_item, RequestItems=asked, **_COUNTED))
        found.update((key_of(pair.table, item), item) for item in answer["Responses"].get(side.name, ()))
        left = answer.get("UnprocessedKeys", {}).get(side.name, {}).get("Keys", [])
        if left:
            side.reads.slow_down()
    return found


def _write_all(pair: Pair, pool: ThreadPoolExecutor, writes: Sequence[_Write], outcome: Outcome) -> None:
    left = deque(writes)
    while left:
        pair.writes.wait()
        under_way = [left.popleft() for _ in range(min(_WRITERS, len(left)))]
        ends = list(pool.map(partial(_write, pair), under_way))
        for write, end in zip(under_way, ends, strict=True):
            if end is _End.THROTTLED:
                left.append(write)
            elif end is _End.REFUSED:
                outcome.refuse(write.key)
            else:
                outcome.done += 1
                pair.writes.spend(end)
        if _End.THROTTLED in ends:
            pair.writes.slow_down()


def _write(pair: Pair, write: _Write) -> Mapping[str, Any] | _End:
    """Write one item or delete it; return AWS's answer, or why it is not written."""
    terms = {"TableName": pair.table.name, **condition(pair.table, write.seen, write.wanted), **_COUNTED}
    with refusing(f"writing back to {pair.table.name} stopped", _GOES_ON):
        try:
            if write.wanted is None:
                answer = pair.client.delete_item(Key=as_parameter(pair.table, write.key), **terms)
            else:
                answer = pair.client.put_item(Item=write.wanted, **terms)
        except botocore.exceptions.ClientError as error:
            if is_throttle(error):
                return _End.THROTTLED
            if error_code(error) == "ConditionalCheckFailedException":
                return _End.REFUSED
            raise
    told: Mapping[str, Any] = answer
    return told
