"""The side table: a copy restored beside its table, and removed again however the restore ends.

AWS restores only into a new table, without time to live, tags, alarms or recovery. So the side table is read, and goes
(docs/adr/0020). Until AWS has made it, it cannot be deleted ("DeleteTable", DynamoDB API Reference), and a command
that was killed deletes nothing: what is left behind is found by its name and by what AWS says it is a copy of, and the
next restore uses it again or removes it (docs/adr/0033).
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.aws.missing import error_code, refusing, unless_missing
from harness.base.errors import HarnessError
from harness.base.progress import say
from harness.base.stopping import stopping_politely
from harness.operate.recovery.copies import Source
from harness.operate.recovery.holder import Holder, holder_of
from harness.operate.recovery.pacing import Clock

_REMEDY = "check names and permissions, then run the same command again"
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 30.0
_MADE = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Restored:
    """A side table that can be read.

    Attributes:
        described: what AWS says of it.
        holder: this command, as its owner.
    """

    name: str
    described: Mapping[str, Any]
    holder: Holder


@contextmanager
def side_table(client: Any, source: Source, clock: Clock) -> Iterator[Restored]:
    """Restore a copy into a table of its own, or go on with one that was left behind; remove it afterwards.

    It is removed after a failure, Ctrl-C, SIGTERM and SIGHUP, too. What cannot be removed is named.

    Raises:
        HarnessError: AWS refuses, the table cannot be made, or another restore of the same table is under way.
    """
    with stopping_politely():
        left = _left_behind(client, source, clock)
        name = left or f"{source.table}-restore-{datetime.fromtimestamp(clock.epoch(), UTC):%Y%m%dT%H%M%S%f}"
        whole = False
        try:
            if not left:
                with refusing(f"cannot restore {source.table}", _REMEDY):
                    source.start(client, name)
            yield _made(client, source, name, clock)
            whole = True
        finally:
            _end(client, name, clock, whole=whole)


def _made(client: Any, source: Source, name: str, clock: Clock) -> Restored:
    """Wait until AWS has made the table, and take it as one's own."""
    described = _wait_until_made(client, name, clock)
    if described["TableStatus"] != _MADE:
        raise HarnessError(f"{name} is {described['TableStatus']}", "look at it in the console, and at its key")
    _require_free(client, source.table, described, clock)
    holder = Holder(client, str(described["TableArn"]), clock)
    holder.hold()
    return Restored(name, described, holder)


def _wait_until_made(client: Any, name: str, clock: Clock) -> Mapping[str, Any]:
    """Return what AWS says of the table once it is made. The time of a restore has no promise, and here no limit."""
    pauses = _pauses()
    while described := _describe(client, name):
        if described["TableStatus"] != "CREATING":
            return described
        clock.sleep(next(pauses))
    raise HarnessError(f"{name} was not made: AWS gave the restore up", "run the same command again")


def _left_behind(client: Any, source: Source, clock: Clock) -> str:
    """Find the side tables of earlier restores: return one of the same copy, remove the others."""
    same = ""
    for name, described in _side_tables(client, source.table):
        _require_free(client, source.table, described, clock)
        if not same and source.is_held_by(described["RestoreSummary"]):
            same = name
            say(f"  {name} was left behind by a restore of the same copy: it is used again")
        elif described["TableStatus"] == "CREATING":
            say(f"  {name} was left behind and is still being made: the next restore removes it")
        else:
            _delete(client, name, clock)
            say(f"  {name} was left behind by an earlier restore: it is removed")
    return same


def _side_tables(client: Any, table: str) -> list[tuple[str, Mapping[str, Any]]]:
    """List tables that a restore of this table made, by name, each with what AWS says of it."""
    pattern = re.compile(rf"{re.escape(table)}-restore-\d{{8}}T(\d{{6}}){{1,2}}")
    with refusing("cannot list tables", _REMEDY):
        pages = client.get_paginator("list_tables").paginate()
        names = [name for page in pages for name in page["TableNames"] if pattern.fullmatch(name)]
    found = [(name, _describe(client, name)) for name in sorted(names)]
    return [(name, one) for name, one in found if one and one["TableStatus"] != "DELETING" and _is_copy(one, table)]


def _is_copy(described: Mapping[str, Any], table: str) -> bool:
    source = str(described.get("RestoreSummary", {}).get("SourceTableArn", ""))
    return source.endswith(f":table/{table}")


def _require_free(client: Any, table: str, described: Mapping[str, Any], clock: Clock) -> None:
    other = holder_of(client, str(described["TableArn"]), clock)
    if other:
        raise HarnessError(
            f"another restore of {table} is under way: {other.who} reads {described['TableName']}",
            f"wait for it to end; if it was killed, run the same command again after {other.until}",
        )


def _end(client: Any, name: str, clock: Clock, *, whole: bool) -> None:
    """Remove the table; where that fails after another failure only say so, for that is the one to be told."""
    try:
        _delete(client, name, clock)
    except (HarnessError, KeyboardInterrupt) as problem:
        say(f"  {name} stays: the next restore of its table uses it again or removes it")
        if whole or isinstance(problem, KeyboardInterrupt):
            raise


def _delete(client: Any, name: str, clock: Clock) -> None:
    """Delete a side table that is nobody else's, its protection first, once AWS lets it be deleted."""
    for pause in _pauses():
        described = _describe(client, name)
        if (
            described is None
            or described["TableStatus"] == "DELETING"
            or holder_of(client, described["TableArn"], clock)
        ):
            return
        try:
            with refusing(f"cannot delete {name}", _REMEDY):
                if described.get("DeletionProtectionEnabled"):
                    client.update_table(TableName=name, DeletionProtectionEnabled=False)
                client.delete_table(TableName=name)
        except HarnessError as error:
            if error_code(error.__cause__) != "ResourceInUseException":
                raise
        else:
            return
        if pause == _FIRST_PAUSE_SECONDS:
            say(f"  {name} can be removed only when AWS has made it: waiting for that (Ctrl-C leaves it)")
        clock.sleep(pause)


def _describe(client: Any, name: str) -> Mapping[str, Any] | None:
    answer = unless_missing(lambda: client.describe_table(TableName=name), f"cannot look at {name}", _REMEDY)
    described: Mapping[str, Any] | None = answer["Table"] if answer else None
    return described


def _pauses() -> Iterator[float]:
    """Yield seconds to wait before each next look, growing, without end."""
    return (min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(number, 9)) for number in itertools.count())
