"""A table and its copy, larger than what may be held: every record compared, written back once, at the table's pace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.fake_tables import Answered, FakeTables, refusal

from harness.base.errors import HarnessError
from harness.operate.deployed import Table
from harness.operate.recovery.items import Difference, Item, as_parameter, shown_key
from harness.operate.recovery.pacing import Pace
from harness.operate.recovery.request import Mode
from harness.operate.recovery.streaming import PAGE_ITEMS, Outcome, Pair, Side, stream

NOW = 1_800_000_000.0
PLAIN = Table("t", ("id",), ("S",), "expires_at", recoverable=True)
EVENTS = Table("e", ("name", "at"), ("S", "N"), "", recoverable=False)
FAST = 1e9


def _record(key: str, **attributes: str) -> dict[str, Any]:
    return {"id": {"S": key}, **{name: {"S": value} for name, value in attributes.items()}}


def _expiring(key: str, at: float) -> dict[str, Any]:
    return {"id": {"S": key}, "expires_at": {"N": str(at)}}


SAME, GONE, OTHER = _record("same", name="a"), _record("gone", name="b"), _record("other", name="c")
KEPT, OLD = _expiring("idem#1", NOW + 1_000), _expiring("idem#old", NOW - 1)
COPY = (SAME, GONE, OTHER, KEPT, OLD)
LIVE = (SAME, _record("other", name="x", extra="y"), _record("new"), _expiring("idem#late", NOW - 1))


def pair_of(
    table: Table, live: tuple[Item, ...], copy: tuple[Item, ...], reads: float = FAST, writes: float = FAST
) -> tuple[FakeTables, Pair]:
    side = Table("copy", table.key, table.types, table.ttl_attribute, recoverable=False)
    fake = FakeTables(table, side)
    fake.put(table.name, *live)
    fake.put("copy", *copy)

    def pace(limit: float) -> Pace:
        return Pace({"": limit}, 1.0, fake.clock)

    sides = Side(table.name, pace(reads)), Side("copy", pace(FAST))
    return fake, Pair(fake, table, *sides, pace(writes), NOW)


def _content(fake: FakeTables, table: str = "t") -> list[Item]:
    return [fake.records[table][key] for key in sorted(fake.records[table])]


def _sorted(*records: Item) -> list[Item]:
    return sorted(records, key=lambda record: str(record["id"]))


def test_comparing_counts_every_record_and_writes_nothing() -> None:
    fake, pair = pair_of(PLAIN, LIVE, COPY)
    outcome = stream(pair)
    assert outcome.difference == Difference(missing=2, changed=1, later=1, expired=1, equal=1)
    assert (outcome.done, outcome.refused) == (0, 0)
    assert _content(fake) == _sorted(*LIVE)


def test_missing_touches_nothing_that_is_there() -> None:
    fake, pair = pair_of(PLAIN, LIVE, COPY)
    outcome = stream(pair, Mode.MISSING)
    assert (outcome.done, outcome.refused) == (2, 0)
    assert outcome.difference == Difference(missing=2, changed=1, later=1, expired=1, equal=1), "as it was before"
    assert _content(fake) == _sorted(*LIVE, GONE, KEPT)


def test_exact_makes_the_table_the_copy() -> None:
    fake, pair = pair_of(PLAIN, LIVE, COPY)
    assert stream(pair, Mode.EXACT).done == 4
    assert _content(fake) == _sorted(SAME, GONE, OTHER, KEPT, _expiring("idem#late", NOW - 1))
    assert stream(pair).difference == Difference(expired=1, equal=4)


def test_a_table_of_two_keys_is_restored_item_by_item() -> None:
    """Items that share the hash key are told apart by the range key, as a number."""

    def event(name: str, at: int, **attributes: str) -> dict[str, Any]:
        return {"name": {"S": name}, "at": {"N": str(at)}, **{key: {"S": value} for key, value in attributes.items()}}

    copy = event("a", 2), event("a", 10, note="first"), event("b", 2)
    fake, pair = pair_of(EVENTS, (event("a", 10, note="changed"), event("b", 2), event("b", 3)), copy)
    assert stream(pair, Mode.EXACT).difference == Difference(missing=1, changed=1, later=1, equal=1)
    assert fake.records["e"] == fake.records["copy"]


def _many(count: int, **attributes: str) -> tuple[Item, ...]:
    return tuple(_record(f"{number:05}", **attributes) for number in range(count))


LARGE = 30 * PAGE_ITEMS + 7


@pytest.mark.parametrize(
    ("live", "copy", "done"),
    [
        ((), _many(LARGE, name="kept"), LARGE),  # a table that was deleted and made again
        (_many(LARGE, name="new"), (), LARGE),
        (_many(LARGE, name="new"), _many(LARGE, name="kept"), LARGE),
        (_many(LARGE, name="kept")[::2], _many(LARGE, name="kept")[1::2], LARGE),
        (_many(LARGE, name="kept"), _many(LARGE, name="kept"), 0),
    ],
    ids=["empty", "all-later", "all-changed", "interleaved", "equal"],
)
def test_a_table_of_any_size_is_brought_back_with_few_records_held(
    live: tuple[Item, ...], copy: tuple[Item, ...], done: int
) -> None:
    fake, pair = pair_of(PLAIN, live, copy)
    looked_at: list[int] = []
    held_before = Answered.held
    pair = Pair(pair.client, pair.table, pair.live, pair.copy, pair.writes, NOW, looked_at.append)
    assert stream(pair, Mode.EXACT).done == done
    assert fake.records["t"] == fake.records["copy"]
    # This page and the last, each with what stands under its keys: never the table.
    assert 0 < fake.most_held - held_before <= 4 * PAGE_ITEMS
    assert sum(looked_at) >= max(len(live), len(copy))


def test_a_batch_that_is_answered_in_parts_is_asked_for_to_its_end() -> None:
    fake, pair = pair_of(PLAIN, _many(250), _many(250))
    fake.batch_takes = 7
    assert stream(pair).difference == Difference(equal=250)
    assert pair.live.reads.throttles > 0, "AWS leaves keys over when there is too little throughput"


@pytest.mark.parametrize("mode", [None, Mode.EXACT])
def test_reads_and_writes_keep_within_the_tables_throughput(mode: Mode | None) -> None:
    """2,000 records changed, at most 50 units read and 20 written a second."""
    fake, pair = pair_of(PLAIN, _many(2_000, text="x" * 2_000), _many(2_000, text="y" * 2_000), reads=50, writes=20)
    begun = fake.clock.now()
    stream(pair, mode)
    for pace in (pair.live.reads, pair.writes):
        pace.wait()
    seconds = fake.clock.now() - begun
    assert fake.units["t", "read"] / seconds <= 50 * 1.1
    assert fake.units.get(("t", "write"), 0) / seconds <= 20 * 1.1
    scarcest = fake.units["t", "read"] / 50 if mode is None else fake.units["t", "write"] / 20
    assert scarcest <= seconds <= 1.6 * scarcest, "but it uses what it may"


def test_writes_go_on_at_the_pace_of_what_they_cost() -> None:
    """Large items are written as slowly as they are large."""
    seconds = {}
    for kilobytes in (1, 10):
        fake, pair = pair_of(PLAIN, (), _many(400, text="x" * (1024 * kilobytes - 100)), writes=100)
        begun = fake.clock.now()
        stream(pair, Mode.MISSING)
        seconds[kilobytes] = fake.clock.now() - begun
    assert seconds[10] / seconds[1] == pytest.approx(10, rel=0.5)


@pytest.mark.parametrize("operation", ["Scan", "BatchGetItem", "PutItem", "DeleteItem"])
@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_throttling_makes_it_slower_and_never_fails_it(operation: str, code: str) -> None:
    fake, pair = pair_of(PLAIN, _many(300, name="new")[150:], _many(300, name="kept")[:200])
    asked = [0]

    def throttle(called: str, _: Mapping[str, Any]) -> None:
        if called == operation:
            asked[0] += 1
            if asked[0] % 3:
                raise refusal(code)

    fake.before = throttle
    outcome = stream(pair, Mode.EXACT)
    assert (outcome.done, outcome.refused) == (300, 0)
    assert fake.records["t"] == fake.records["copy"]
    throttles = sum(pace.throttles for pace in (pair.live.reads, pair.copy.reads, pair.writes))
    assert throttles > 0
    assert max(fake.clock.sleeps) >= 1


@pytest.mark.parametrize(
    ("key", "meanwhile"),
    [
        ("gone", _record("gone", name="made again")),
        ("other", _record("other", name="z", extra="y")),
        ("other", _record("other", name="x")),
        ("new", _record("new", name="filled")),
    ],
)
def test_what_changed_since_the_comparison_is_left_and_named(key: str, meanwhile: dict[str, Any]) -> None:
    live = (*LIVE[:2], _record("new", name="empty"), *_many(3, name="later"))
    fake, pair = pair_of(PLAIN, live, (*COPY, *_many(3, name="before")))
    written = {"gone": "PutItem", "other": "PutItem", "new": "DeleteItem"}[key]

    def change(called: str, _: Mapping[str, Any]) -> None:
        if called == written:
            fake.put("t", meanwhile)
            fake.before = lambda operation, asked: None

    fake.before = change
    outcome = stream(pair, Mode.EXACT)
    assert (outcome.refused, [*map(shown_key, outcome.named)]) == (1, [key])
    assert meanwhile in _content(fake)
    assert stream(pair, Mode.EXACT).done == 1, "the same command again goes on"


def test_a_refusal_of_another_kind_stops_the_restore_and_the_same_command_goes_on() -> None:
    fake, pair = pair_of(PLAIN, (), _many(250, name="kept"))

    def expire(called: str, _: Mapping[str, Any]) -> None:
        if called == "PutItem" and len(fake.records["t"]) >= 120:
            raise refusal("ExpiredTokenException")

    fake.before = expire
    with pytest.raises(HarnessError, match=r"writing back to t stopped: .*Expired"):
        stream(pair, Mode.MISSING)
    assert len(fake.records["t"]) == 120
    fake.before = lambda operation, asked: None
    again = stream(pair, Mode.MISSING)
    assert (again.done, again.refused) == (130, 0)
    assert fake.records["t"] == fake.records["copy"]


def test_only_the_first_of_what_was_left_is_named() -> None:
    outcome, keys = Outcome(), [(("S", str(number)),) for number in range(25)]
    for key in keys:
        outcome.refuse(key)
    assert (outcome.refused, outcome.named) == (25, keys[:10])
    assert as_parameter(PLAIN, outcome.named[3]) == {"id": {"S": "3"}}
