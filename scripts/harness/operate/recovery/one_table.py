"""One table brought back from one copy: restored beside it, compared at a measured pace, written back, compared."""

from collections.abc import Callable
from typing import Any

from harness.aws.missing import refusing
from harness.base.progress import phase, say
from harness.operate.deployed import Table
from harness.operate.recovery.copies import Source
from harness.operate.recovery.holder import HoldingClock
from harness.operate.recovery.items import Difference, shown_key
from harness.operate.recovery.pacing import Clock, Pace, read_limits, write_limits
from harness.operate.recovery.request import Request
from harness.operate.recovery.side_table import Restored, side_table
from harness.operate.recovery.streaming import Outcome, Pair, Side, stream

_TOLD_EVERY_SECONDS = 60.0
_WHOLE = 1.0  # nobody else reads the side table


def restore_table(
    client: Any, table: Table, source: Source, request: Request, clock: Clock, *, confirmed: bool
) -> tuple[Difference, Difference]:
    """Compare a table with its copy and, when confirmed, write the copy back; return the difference before and after.

    Raises:
        HarnessError: AWS refuses. What was written stays, and the same command goes on.
    """
    with phase(f"restore beside {table.name}"), side_table(client, source, clock) as restored:
        pair = _pair(client, table, restored, request.share, clock)
        outcome = stream(pair, request.mode if confirmed else None)
        say(f"  {table.name}: {outcome.difference.counts()}")
        _tell_throttling(pair)
        if not confirmed:
            return outcome.difference, outcome.difference
        _tell_written(outcome)
        left = stream(pair) if outcome.done or outcome.refused else outcome
        return outcome.difference, left.difference


def _pair(client: Any, table: Table, restored: Restored, share: float, clock: Clock) -> Pair:
    with refusing(f"cannot look at table {table.name}", "check names and permissions"):
        described = client.describe_table(TableName=table.name)["Table"]
    holding = HoldingClock(clock, restored.holder)
    return Pair(
        client=client,
        table=table,
        live=Side(table.name, Pace(read_limits(described), share, holding)),
        copy=Side(restored.name, Pace(read_limits(restored.described), _WHOLE, holding)),
        writes=Pace(write_limits(described), share, holding),
        now=clock.epoch(),
        noted=_progress(restored, clock),
    )


def _progress(restored: Restored, clock: Clock) -> Callable[[int], None]:
    """Return what is called after each page: it says each minute how far it is, and holds the side table on."""
    read, told_at = 0, clock.now()

    def noted(records: int) -> None:
        nonlocal read, told_at
        read += records
        restored.holder.renew()
        if clock.now() - told_at >= _TOLD_EVERY_SECONDS:
            told_at = clock.now()
            say(f"  {read} records looked at")

    return noted


def _tell_throttling(pair: Pair) -> None:
    throttles = sum(pace.throttles for pace in (pair.live.reads, pair.copy.reads, pair.writes))
    if throttles:
        say(f"  AWS throttled {throttles} calls: the restore went slower")


def _tell_written(outcome: Outcome) -> None:
    say(f"  {outcome.done} written back")
    for key in outcome.named:
        say(f"  {shown_key(key)} was changed meanwhile and left as it is: run the same command again")
    if outcome.refused > len(outcome.named):
        say(f"  and {outcome.refused - len(outcome.named)} more")
