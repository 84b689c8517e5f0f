"""Rule over numbers of shards: versions of a function that run side by side find each other's items."""

from collections.abc import Iterator

from harness.facts.tables import SHARDS, shard_number, shard_symbol, shard_variables
from harness.plan import ResourceChange
from harness.rules.relations import FUNCTION
from harness.rules.rule import Context, Violation

_WAYS = ("read", "write")


def shards_in_step(context: Context) -> Iterator[Violation]:
    """An item in a shard that is not read is in no list. While a release moves from one version to the next, both
    answer, so a number of shards is raised in two steps: first reads, and when that is released writes. Reads are never
    lowered: items stay in the shard they were written to."""
    for function in context.plan.of_type(FUNCTION):
        service = context.service(function)
        for table, variables in shard_variables(service.environment).items() if service else ():
            yield from _in_step(function, table, variables)


def wrong_shards(function: ResourceChange, variable: str, symbol: str, context: Context) -> Iterator[Violation]:
    """Judge a variable that holds a number of shards: it is the one that the table states."""
    table, way = shard_symbol(symbol)
    stated = next((one.tables[table].shards for one in context.sources.services.values() if table in one.tables), None)
    wanted = str(getattr(stated, way, "stated nowhere"))
    value = function.find(f"environment[0].variables.{variable}")
    if value not in (wanted,):
        yield Violation(function.address, f"{variable} is {value}, and {symbol} is {wanted}")


def _in_step(function: ResourceChange, table: str, variables: dict[str, str]) -> Iterator[Violation]:
    if missing := [way for way in _WAYS if way not in variables]:
        yield Violation(
            function.address, f"no variable tells it {SHARDS}:{table}/{missing[0]}: add one to service.yaml"
        )
        return
    places = {way: f"environment[0].variables.{variables[way]}" for way in _WAYS}
    after = {way: shard_number(function.find(place)) for way, place in places.items()}
    reads_before = shard_number(function.find_before(places["read"]))
    reads, writes = after["read"], after["write"]
    if reads is None or writes is None:
        yield Violation(function.address, f"{', '.join(variables.values())}: no whole numbers at plan")
    elif reads_before is not None and writes > reads_before:
        first = f"raise {variables['read']} alone to {writes}, release that, and then raise {variables['write']}"
        said = f"would write to {writes} shards of {table} beside a version that reads {reads_before}"
        yield Violation(function.address, f"{said}, whose lists would lack items; {first}")
    elif reads_before is not None and reads < reads_before:
        said = f"would read {reads} shards of {table}, and items are in {reads_before}"
        yield Violation(function.address, f"{said}: lists would lack them; keep {variables['read']} at {reads_before}")
    elif writes > reads:
        yield Violation(function.address, f"writes to {writes} shards of {table} and reads {reads}: lists lack items")
