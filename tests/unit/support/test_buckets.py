"""A token bucket is judged by its answers, on quick machines and on slow ones."""

import heapq
import random

import pytest
from tests.support import buckets
from tests.support.traffic import Answer

RATE, BURST = 100.0, 200.0


def answers(rate: float, size: float, *, clients: int, seconds: float, stalled: float = 0.0) -> list[Answer]:
    """Send requests to a bucket on a virtual clock: ``clients`` at a time, each taking ``seconds`` or up to twice that.

    Args:
        stalled: seconds for which nobody sends after the first hundred answers, as on a machine that is busy.
    """
    chance = random.Random(7)
    ready = [(0.0, client) for client in range(clients)]
    tokens, filled = size, 0.0
    found: list[Answer] = []
    while len(found) < 20_000 and not (found and buckets.refused(found[-1:]) and buckets.over(found)):
        sent, client = heapq.heappop(ready)
        takes = seconds * (1 + chance.random())
        decided = sent + takes * chance.random()
        tokens = min(size, tokens + rate * max(0.0, decided - filled))
        filled = max(filled, decided)
        passes = tokens >= 1
        tokens -= passes
        found.append(Answer(400 if passes else 429, {}, b"", sent + takes, takes))
        heapq.heappush(ready, (sent + takes + (stalled if len(found) == 100 else 0.0), client))
    return sorted(found, key=lambda one: one.at)


@pytest.mark.parametrize(("clients", "seconds", "stalled"), [(8, 0.01, 0), (8, 0.03, 0), (16, 0.05, 3), (40, 0.2, 0)])
def test_a_right_bucket_is_right_on_any_machine(clients: int, seconds: float, stalled: float) -> None:
    found = answers(RATE, BURST, clients=clients, seconds=seconds, stalled=stalled)
    assert buckets.was_the_limit(found)
    assert buckets.rate(found).within(RATE, 0.2)
    assert buckets.burst(found, RATE).within(BURST, 0.2)


@pytest.mark.parametrize("wrong", [0.5, 2.0])
def test_a_wrong_bucket_is_found_on_a_quick_machine(wrong: float) -> None:
    assert not buckets.rate(answers(wrong * RATE, BURST, clients=8, seconds=0.01)).within(RATE, 0.2)
    assert not buckets.burst(answers(RATE, wrong * BURST, clients=8, seconds=0.01), RATE).within(BURST, 0.2)


def test_a_machine_that_offers_too_little_is_told_from_a_limit() -> None:
    found = answers(RATE, BURST, clients=8, seconds=0.03)
    gap = buckets.refused(found)[0].at + 1
    assert not buckets.was_the_limit([one for one in found if not gap < one.at < gap + 1])
