"""A table with a backup of it, and what restores of it leave behind; on the clock of the fake."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.support.fake_tables import FakeTables

from harness.operate.deployed import Table
from harness.operate.recovery.copies import Source

TABLE = Table("t", ("id",), ("S",), "", recoverable=True)


def world() -> tuple[FakeTables, Source]:
    fake = FakeTables(TABLE)
    fake.put("t", {"id": {"S": "a"}})
    return fake, Source("t", backup_arn=fake.back_up("t"))


def left_of(fake: FakeTables) -> list[str]:
    return [name for name in fake.records if name != "t"]


def leave_behind(fake: FakeTables, source: Source, name: str = "t-restore-20260101T000000", looks: int = 0) -> str:
    """Let a restore be killed: a table stays, that AWS still makes for a number of looks."""
    fake.looks_until_made = looks
    source.start(fake, name)
    if not looks:
        fake.described[name]["TableStatus"] = "ACTIVE"
    fake.looks_until_made = 1
    return name


def once(operation: str, act: Callable[[], None], look: int = 1) -> Callable[[str, Mapping[str, Any]], None]:
    seen = [0]

    def before(called: str, _: Mapping[str, Any]) -> None:
        seen[0] += called == operation
        if seen[0] == look and called == operation:
            act()

    return before


@contextmanager
def as_at_a_terminal() -> Iterator[None]:
    """Hear the signals that this process may ignore: SIGINT in the background of a shell, SIGHUP under ``nohup``."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
