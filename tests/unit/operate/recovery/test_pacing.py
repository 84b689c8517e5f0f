"""Pace of a restore, on a clock of its own: the share that it takes, and how it gives way."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.fake_tables import VirtualClock, refusal

from harness.facts import PARTITION
from harness.operate.recovery.pacing import (
    DEFAULT_SHARE,
    Pace,
    is_throttle,
    read_limits,
    write_limits,
)

ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}


def _answer(table: float, **indexes: float) -> dict[str, Any]:
    parts = {name: {"CapacityUnits": units} for name, units in indexes.items()}
    total = table + sum(indexes.values())
    of = {"CapacityUnits": total, "Table": {"CapacityUnits": table}, "GlobalSecondaryIndexes": parts}
    return {"ConsumedCapacity": of}


def _on_demand(read: int, write: int) -> dict[str, Any]:
    return {"OnDemandThroughput": {"MaxReadRequestUnits": read, "MaxWriteRequestUnits": write}}


@pytest.mark.parametrize(
    ("described", "reads", "writes"),
    [
        ({"BillingModeSummary": ON_DEMAND, **_on_demand(200, 500)}, 200, 500),
        # More than one partition serves is of no use: one after the other is read.
        ({"BillingModeSummary": ON_DEMAND, **_on_demand(14_000, 13_000)}, PARTITION.read, PARTITION.write),
        ({"BillingModeSummary": ON_DEMAND, **_on_demand(-1, -1)}, PARTITION.read, PARTITION.write),
        ({"BillingModeSummary": ON_DEMAND}, PARTITION.read, PARTITION.write),
        ({"ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 5}}, 7, 5),
        (
            {
                "BillingModeSummary": {"BillingMode": "PROVISIONED"},
                "ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 5},
            },
            7,
            5,
        ),
    ],
)
def test_a_tables_limit_is_its_maximum_or_capacity_but_never_above_a_partitions(
    described: dict[str, Any], reads: float, writes: float
) -> None:
    assert (read_limits(described), write_limits(described)) == ({"": reads}, {"": writes})


def test_an_indexs_limit_bounds_writes_as_the_tables_does() -> None:
    index = {"IndexName": "by-kind", **_on_demand(1, 300)}
    described = {"BillingModeSummary": ON_DEMAND, **_on_demand(200, 500), "GlobalSecondaryIndexes": [index]}
    assert write_limits(described) == {"": 500, "by-kind": 300}


@pytest.mark.parametrize("share", [DEFAULT_SHARE, 1.0])
@pytest.mark.parametrize("units", [1, 33, 256])
def test_a_share_of_the_limit_is_taken_and_no_more(share: float, units: int) -> None:
    clock = VirtualClock()
    pace, begun = Pace({"": 200.0}, share, clock), clock.now()
    for _ in range(50):
        pace.call(lambda: _answer(units))
    pace.wait()
    assert 50 * units / (clock.now() - begun) == pytest.approx(200 * share)


def test_the_scarcest_of_table_and_indexes_sets_the_pace() -> None:
    clock = VirtualClock()
    pace, begun = Pace({"": 1000.0, "narrow": 10.0}, 1.0, clock), clock.now()
    for _ in range(10):
        pace.call(lambda: _answer(5, narrow=2, unknown=100))
    pace.wait()
    assert clock.now() - begun == pytest.approx(2.0)


def test_local_indexes_use_the_tables_own_throughput() -> None:
    clock = VirtualClock()
    pace, begun = Pace({"": 10.0}, 1.0, clock), clock.now()
    answer = _answer(2)
    answer["ConsumedCapacity"]["LocalSecondaryIndexes"] = {"local": {"CapacityUnits": 3}}
    pace.call(lambda: answer)
    pace.wait()
    assert clock.now() - begun == pytest.approx(0.5)


def _served_after(throttles: int, code: str = "ProvisionedThroughputExceededException") -> Any:
    left = [throttles]

    def ask() -> dict[str, Any]:
        if left[0]:
            left[0] -= 1
            raise refusal(code)
        return _answer(10)

    return ask


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
)
def test_throttling_is_waited_out_longer_and_longer(code: str) -> None:
    clock = VirtualClock()
    pace = Pace({"": 10.0}, 1.0, clock)
    assert pace.call(_served_after(8, code)) == _answer(10)
    assert clock.sleeps == [1, 2, 4, 8, 16, 32, 32, 32]
    assert pace.throttles == 8


def test_after_a_throttle_it_goes_at_half_the_pace_and_comes_back_to_the_share() -> None:
    clock = VirtualClock()
    pace = Pace({"": 10.0}, 1.0, clock)
    pace.call(_served_after(1))
    after = clock.now()
    pace.wait()
    assert clock.now() - after == pytest.approx(2.0), "10 units at half of 10 units a second"
    for _ in range(40):
        pace.call(_served_after(0))
    pace.wait()
    after = clock.now()
    pace.call(_served_after(0))
    pace.wait()
    assert clock.now() - after == pytest.approx(1.0)


def test_what_is_no_throttle_is_told_at_once() -> None:
    clock = VirtualClock()

    def ask() -> None:
        raise refusal("AccessDeniedException")

    with pytest.raises(type(refusal("AccessDeniedException")), match="AccessDenied"):
        Pace({"": 10.0}, 1.0, clock).call(ask)
    assert clock.sleeps == []
    assert not is_throttle(None)
