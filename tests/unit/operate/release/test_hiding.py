"""A release that would let one version write what the other does not read is refused before anything moves."""

from __future__ import annotations

import pytest
from tests.support.release_world import one, release

from harness.base.errors import HarnessError
from harness.operate.release.hiding import hidden

ENVIRONMENT = {"TABLE": "table:carts", "READS": "shards:carts/read", "WRITES": "shards:carts/write"}


def numbers(read: int, write: int) -> dict[str, str]:
    return {"TABLE": "carts", "READS": str(read), "WRITES": str(write)}


@pytest.mark.parametrize(
    ("serves", "comes", "said"),
    [
        (numbers(4, 4), numbers(8, 8), "new version would write to 8 shards of carts, and the other one reads 4"),
        (numbers(8, 8), numbers(4, 4), "live version writes to 8 shards of carts, and the other one reads 4"),
        (numbers(4, 4), numbers(8, 4), ""),
        (numbers(8, 4), numbers(8, 8), ""),
        # A version from before there were shards, or variables that may not be seen.
        ({}, numbers(8, 8), ""),
        ({"READS": "many", "WRITES": "1"}, numbers(8, 8), ""),
    ],
)
def test_each_version_reads_what_the_other_writes(serves: dict[str, str], comes: dict[str, str], said: str) -> None:
    found = hidden(ENVIRONMENT, serves, comes)
    assert said in found and bool(said) == bool(found)
    assert hidden({"TABLE": "table:carts"}, serves, comes) == ""


def test_a_release_that_hides_items_moves_nothing() -> None:
    world = one()
    before = (world.functions["f"].version, world.functions["f"].candidate, world.functions["f"].revision)
    refusing = release(world, hides=lambda moves: f"{sorted(moves)} hides items")
    with pytest.raises(HarnessError, match=r"\['f'\] hides items -> release a version that reads them first"):
        refusing.forward()
    after = (world.functions["f"].version, world.functions["f"].candidate, world.functions["f"].revision)
    assert after == before and world.record.running is None
    release(world).forward()
    assert world.functions["f"].version != before[0]
