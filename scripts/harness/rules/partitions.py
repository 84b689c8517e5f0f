"""What a partition of a table or index takes, held against what the requests ask of one: part of capacity-coherence.

"DynamoDB provides each partition with up to 3,000 RCU and 1,000 WCU" whatever the table's capacity is (Developer Guide,
"Best practices for designing and using partition keys effectively"), and items of one key value are in one partition
until it is split, which does not help where all new ones come at its end; an index that is throttled throttles its
table's writes ("Understanding GSI write throttling and back pressure").
"""

from collections.abc import Iterator, Mapping

from harness.facts import PARTITION, Table, Units, mixed
from harness.rules.rule import Violation


def partition_units(address: str, table: Table, shares: Mapping[str, float], rate: float) -> Iterator[Violation]:
    """Compare a partition's limits with what the requests that are let through ask of one value of the hash key.

    Args:
        shares: of each operation, 0 to 1, as the throttle shares out the rate; empty: every request counts as the
            dearest.
        rate: requests a second.
    """
    if table.spread is not None:
        yield from _judge(address, "table", table.spread, mixed(table.per_request, shares), rate)
    for name, index in table.indexes.items():
        yield from _judge(address, f"index {name}", table.spread_of(index), mixed(index.per_request, shares), rate)


def _judge(address: str, what: str, values: int, asked: Units, rate: float) -> Iterator[Violation]:
    for direction, units, most in (("read", asked.read, PARTITION.read), ("write", asked.write, PARTITION.write)):
        of_one = rate * units / values
        if of_one > most:
            sum_of = f"{rate:g} requests/s x {units:g} units / {values} key values = {of_one:g} units/s"
            told = "give it more shards or key_values in service.yaml, as many as there are"
            yield Violation(address, f"{what} {direction}: {sum_of} > {most:g}, the most of one partition; {told}")
