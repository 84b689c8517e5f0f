"""Options of ``make restore``: read once, checked before anything is touched."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from harness.base.errors import UsageError

_WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class What(StrEnum):
    """Part that is restored."""

    TABLE = "table"
    STATE = "state"
    API = "api"


class Mode(StrEnum):
    """Way in which the copy is written back.

    ``MISSING`` brings back items that are gone and touches no other; ``EXACT`` makes the table as it was: what
    changed is set back and what came later is deleted.
    """

    MISSING = "missing"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Request:
    """One restore.

    Attributes:
        what: ``WHAT``.
        moment: ``AT``, whole seconds in UTC; ``None`` when a backup is used.
        backup: ``BACKUP``, name or ARN of an on-demand backup, or the moment that ends the names of all that were made
            together; ``""`` when a moment is used.
        version: ``VERSION`` of the state object; ``""`` lists them.
        mode: ``MODE``, ``missing`` unless said otherwise.
        table: ``TABLE``, the only one to restore; ``""`` for all.
    """

    what: What
    moment: datetime | None = None
    backup: str = ""
    version: str = ""
    mode: Mode = Mode.MISSING
    table: str = ""


def read_request(source: Mapping[str, str] | None = None) -> Request:
    """Read ``WHAT``, ``AT``, ``BACKUP``, ``VERSION``, ``MODE`` and ``TABLE``.

    Raises:
        UsageError: one of them is missing or means nothing.
    """
    given = os.environ if source is None else source
    what, mode = given.get("WHAT", ""), given.get("MODE") or Mode.MISSING
    if what not in tuple(What):
        raise UsageError(f"WHAT={what} cannot be restored", "use WHAT=table, WHAT=state or WHAT=api")
    if mode not in tuple(Mode):
        raise UsageError(f"MODE={mode} is not a mode", "use MODE=missing (default) or MODE=exact")
    moment, backup = given.get("AT", ""), given.get("BACKUP", "")
    if what == What.TABLE and bool(moment) == bool(backup):
        raise UsageError(
            "a table is restored from one copy", "say AT=2026-01-31T12:00:00Z or BACKUP=<name>, one of them"
        )
    return Request(
        What(what),
        _moment(moment) if moment else None,
        backup,
        given.get("VERSION", ""),
        Mode(mode),
        given.get("TABLE", ""),
    )


def _moment(text: str) -> datetime:
    problem = UsageError(f"AT={text} is not a time", "use UTC and whole seconds: AT=2026-01-31T12:00:00Z")
    if not _WHEN.fullmatch(text):
        raise problem
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise problem from error
