"""A bad request gets one line and goes no further."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.base.errors import UsageError
from harness.base.options import read_options
from harness.operate.recovery.pacing import DEFAULT_SHARE
from harness.operate.recovery.request import Mode, Request, What, read_request


def asked_for(**given: str) -> Request:
    return read_request(read_options(given))


def test_what_was_asked_for() -> None:
    asked = asked_for(WHAT="table", AT="2026-01-31T12:00:00Z", MODE="exact")
    assert asked == Request(What.TABLE, moment=datetime(2026, 1, 31, 12, tzinfo=UTC), mode=Mode.EXACT)
    assert asked_for(WHAT="table", BACKUP="b").mode is Mode.MISSING
    assert asked_for(WHAT="state").version == ""
    assert asked_for(WHAT="api").what is What.API
    assert asked_for(WHAT="table", BACKUP="b", TABLE="orders").table == "orders"
    assert asked_for(WHAT="table", BACKUP="b").share == DEFAULT_SHARE
    assert [asked_for(WHAT="table", BACKUP="b", SHARE=share).share for share in ("1", "80", "100")] == [0.01, 0.8, 1]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "WHAT= cannot be restored -> use WHAT=table, WHAT=state or WHAT=api"),
        ({"WHAT": "logs"}, "WHAT=logs cannot be restored"),
        ({"WHAT": "table"}, "a table is restored from one copy"),
        ({"WHAT": "table", "AT": "2026-01-31T12:00:00Z", "BACKUP": "b"}, "a table is restored from one copy"),
        ({"WHAT": "table", "AT": "yesterday"}, "AT=yesterday is not a time"),
        ({"WHAT": "table", "AT": "2026-02-30T12:00:00Z"}, "AT=2026-02-30T12:00:00Z is not a time"),
        ({"WHAT": "table", "AT": "2026-01-31T12:00:00+02:00"}, "is not a time -> use UTC and whole seconds"),
        ({"WHAT": "table", "BACKUP": "b", "MODE": "all"}, "MODE=all is not a mode"),
        ({"WHAT": "table", "BACKUP": "b", "SHARE": "0"}, "SHARE=0 is no share -> use a whole number of percent"),
        ({"WHAT": "table", "BACKUP": "b", "SHARE": "101"}, "SHARE=101 is no share"),
        ({"WHAT": "table", "BACKUP": "b", "SHARE": "0.5"}, "SHARE=0.5 is no share"),
    ],
)
def test_a_bad_request_is_one_line(given: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        asked_for(**given)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
