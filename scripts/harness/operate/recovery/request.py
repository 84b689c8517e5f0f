"""Options of ``make restore``: read once, checked before anything is touched."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from harness.base.errors import UsageError
from harness.base.options import Options, wrong
from harness.operate.recovery.pacing import DEFAULT_SHARE

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
        share: ``SHARE``, of the table's throughput that the restore may take, above 0 and at most 1.
    """

    what: What
    moment: datetime | None = None
    backup: str = ""
    version: str = ""
    mode: Mode = Mode.MISSING
    table: str = ""
    share: float = DEFAULT_SHARE


def read_request(options: Options) -> Request:
    """Check what is to be restored, from which copy and how.

    Raises:
        UsageError: one of them is missing or means nothing.
    """
    what, mode, moment, backup = options.what, options.mode or Mode.MISSING, options.moment, options.backup
    if what not in tuple(What):
        raise wrong("WHAT", what, "cannot be restored", "use WHAT=table, WHAT=state or WHAT=api")
    if mode not in tuple(Mode):
        raise wrong("MODE", mode, "is not a mode", "use MODE=missing (default) or MODE=exact")
    if what == What.TABLE and bool(moment) == bool(backup):
        raise UsageError(
            "a table is restored from one copy", "say AT=2026-01-31T12:00:00Z or BACKUP=<name>, one of them"
        )
    return Request(
        What(what),
        _moment(moment) if moment else None,
        backup,
        options.version,
        Mode(mode),
        options.table,
        DEFAULT_SHARE if options.share is None else options.share / 100,
    )


def _moment(text: str) -> datetime:
    problem = wrong("AT", text, "is not a time", "use UTC and whole seconds: AT=2026-01-31T12:00:00Z")
    if not _WHEN.fullmatch(text):
        raise problem
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise problem from error
