"""The model of partitions: what passes at the limit, what does not, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.localaws.throughput import (
    Cap,
    Cause,
    Demand,
    Direction,
    Entry,
    Resource,
    Throttle,
    Throughput,
    entry_writes,
    read_units,
    write_units,
)

TABLE = Resource("arn:aws:dynamodb:eu-west-1:1:table/letters")
INDEX = Resource(TABLE.table_arn, "by-day")


def _free(*_: object) -> Sequence[Cap]:
    return ()


def _write(units: float, key: str = "a", resource: Resource = TABLE) -> Demand:
    return Demand(resource, key, Direction.WRITE, units)


@pytest.mark.parametrize(("direction", "limit"), [(Direction.WRITE, 1000), (Direction.READ, 3000)])
def test_a_key_value_is_throttled_exactly_at_its_limit(direction: Direction, limit: int) -> None:
    model, demand = Throughput(since=0), Demand(TABLE, "a", direction, 1)
    passed = [not model.admit([demand], _free, 1.0) for _ in range(limit + 5)]
    assert passed == [True] * limit + [False] * 5
    assert model.admit([demand], _free, 1.0) == (Throttle(TABLE, direction, Cause.KEY_RANGE, "a"),)


def test_the_limit_is_each_key_values_own() -> None:
    model = Throughput(since=0)
    assert not model.admit([_write(1000, "a")], _free, 1.0)
    assert not model.admit([_write(1000, "b")], _free, 1.0)
    assert not model.admit([_write(1000, "a", INDEX)], _free, 1.0)
    assert not model.admit([Demand(TABLE, "a", Direction.READ, 3000)], _free, 1.0)
    assert model.admit([_write(1, "a")], _free, 1.0)


def test_units_come_back_with_time_and_no_more_than_a_second_is_saved() -> None:
    model = Throughput(since=0)
    assert not model.admit([_write(1000)], _free, 1.0)
    assert not model.admit([_write(250)], _free, 1.25)
    assert model.admit([_write(1)], _free, 1.25)
    assert not model.admit([_write(1000)], _free, 100.0)
    assert model.admit([_write(1)], _free, 100.0)


def test_in_tenths_of_a_second_exactly_the_rate_passes() -> None:
    model, passed = Throughput(since=0), 0
    for step in range(1, 31):
        passed += sum(not model.admit([_write(1)], _free, step / 10) for _ in range(110))
    assert passed == 3000


def test_real_time_begins_with_full_buckets() -> None:
    assert not Throughput().admit([_write(1000)], _free, 0.0)


def test_a_request_larger_than_a_second_passes_alone_and_is_paid_off() -> None:
    model = Throughput(since=0)
    assert not model.admit([_write(1500)], _free, 1.0)
    assert model.admit([_write(1)], _free, 1.5)
    assert not model.admit([_write(1)], _free, 1.502)


def test_what_is_refused_takes_nothing_of_any_limit() -> None:
    model = Throughput(since=0)
    assert not model.admit([_write(1000, "hot", INDEX)], _free, 1.0)
    refused = model.admit([_write(600, "a"), _write(1, "hot", INDEX)], _free, 1.0)
    assert [one.reason for one in refused] == ["IndexWriteKeyRangeThroughputExceeded"]
    assert not model.admit([_write(1000, "a")], _free, 1.0)


def test_demands_of_one_request_for_one_partition_add_up() -> None:
    refused = Throughput(since=0).admit([_write(400), _write(400)], _free, 0.5)
    assert [one.key for one in refused] == ["a"]


def test_a_maximum_is_the_whole_tables_and_another_reason() -> None:
    def capped(resource: Resource, direction: Direction) -> Sequence[Cap]:
        return [Cap(Cause.MAX_ON_DEMAND, 10)] if (resource, direction) == (TABLE, Direction.WRITE) else []

    model = Throughput(since=0)
    assert not any(model.admit([_write(1, str(key))], capped, 1.0) for key in range(10))
    (refused,) = model.admit([_write(1, "10")], capped, 1.0)
    assert (refused.reason, refused.key) == ("TableWriteMaxOnDemandThroughputExceeded", None)
    assert refused.metrics == ("WriteThrottleEvents", "WriteMaxOnDemandThroughputThrottleEvents")
    assert refused.stops(_write(1, "other"))
    assert not refused.stops(_write(1, "other", INDEX))


def test_saved_units_of_provisioned_capacity_last_for_their_time() -> None:
    def provisioned(*_: object) -> Sequence[Cap]:
        return [Cap(Cause.PROVISIONED, 1, 300)]

    model = Throughput(since=0)
    assert not model.admit([_write(300)], provisioned, 1000.0)
    assert model.admit([_write(1)], provisioned, 1000.0)


def test_forgotten_buckets_were_full_ones() -> None:
    model = Throughput(since=0)
    assert not model.admit([_write(1000, "hot")], _free, 2.0)
    for key in range(9_999):
        assert not model.admit([_write(1, str(key))], _free, 2.0)
    assert not model.admit([_write(1, "last")], _free, 2.9)
    assert model.admit([_write(901, "hot")], _free, 2.9)
    assert len(model._buckets) == 2  # "hot" and "last"


def test_an_index_of_one_key_value_takes_200_copies_of_5_kb_a_second() -> None:
    model, passed = Throughput(since=0), 0
    for number in range(1000):
        copy = Entry("all", ("all", number), number, 5 * 1024)
        writes = [Demand(INDEX, key, Direction.WRITE, units) for key, units in entry_writes(None, copy)]
        passed += not model.admit([_write(10, str(number)), *writes], _free, 1.0)
    assert passed == 200


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (5120, 5)])
def test_a_write_is_rounded_up_to_1_kb(size: int, units: int) -> None:
    assert write_units(size) == units


@pytest.mark.parametrize(("size", "strong", "half"), [(0, 1, 0.5), (4096, 1, 0.5), (4097, 2, 1)])
def test_a_read_is_rounded_up_to_4_kb(size: int, strong: float, half: float) -> None:
    assert (read_units(size, consistent=True), read_units(size, consistent=False)) == (strong, half)


_HERE = Entry("x", ("x", "1"), "content", 3000)


@pytest.mark.parametrize(
    ("before", "after", "writes"),
    [
        (None, None, []),
        (None, _HERE, [("x", 3)]),
        (_HERE, None, [("x", 3)]),
        (_HERE, _HERE, []),
        (_HERE, Entry("x", ("x", "1"), "other", 1000), [("x", 3)]),
        (_HERE, Entry("y", ("y", "1"), "content", 1000), [("x", 3), ("y", 1)]),
    ],
)
def test_an_index_is_written_by_what_changes_of_its_entry(
    before: Entry | None, after: Entry | None, writes: list[tuple[str, float]]
) -> None:
    assert entry_writes(before, after) == writes
