"""Copies of a table: on-demand backups and moments, and what a request means by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.aws.missing import refusing, unless_missing
from harness.base.errors import UsageError
from harness.base.options import wrong
from harness.operate.deployed import Table
from harness.operate.recovery.request import Request

_BARE = {"BillingModeOverride": "PAY_PER_REQUEST", "GlobalSecondaryIndexOverride": []}
_REMEDY = "check names and permissions"


@dataclass(frozen=True, slots=True)
class Source:
    """A copy of a table that AWS can restore into a new table: a backup or a moment, one of them.

    Attributes:
        table: whose copy it is.
        backup_arn: ``""`` for a moment.
        moment: ``None`` for a backup.
    """

    table: str
    backup_arn: str = ""
    moment: datetime | None = None

    def start(self, client: Any, name: str) -> None:
        """Ask AWS to restore it into a table of that name, without indexes."""
        if self.backup_arn:
            client.restore_table_from_backup(TargetTableName=name, BackupArn=self.backup_arn, **_BARE)
        else:
            client.restore_table_to_point_in_time(
                SourceTableName=self.table, TargetTableName=name, RestoreDateTime=self.moment, **_BARE
            )

    def is_held_by(self, summary: Mapping[str, Any]) -> bool:
        """Tell if a table with this ``RestoreSummary`` was restored from the same copy."""
        if self.backup_arn or summary.get("SourceBackupArn"):
            return bool(summary.get("SourceBackupArn") == self.backup_arn)
        return bool(_utc(summary["RestoreDateTime"]) == self.moment)


@dataclass(frozen=True, slots=True)
class Backup:
    """An on-demand backup.

    Attributes:
        name: table and moment, as it was made with.
        made: when, UTC.
    """

    name: str
    arn: str
    made: datetime


def moment_word(now: datetime) -> str:
    """Return the end of a backup's name: the same for every table that was backed up at once."""
    return f"{now:%Y%m%dT%H%M%SZ}"


def make_backup(client: Any, table: str, now: datetime) -> Backup:
    """Make an on-demand backup; it stays until somebody deletes it, also after the table.

    Raises:
        HarnessError: there is no such table, or AWS refuses.
    """
    name = f"{table}-{moment_word(now)}"
    with refusing(f"cannot back up {table}", _REMEDY):
        details = client.create_backup(TableName=table, BackupName=name)
    return _backup(details["BackupDetails"])


def backups(client: Any, table: str) -> tuple[Backup, ...]:
    """List backups of a table, oldest first, those AWS made when the table was deleted included.

    Raises:
        HarnessError: AWS refuses.
    """
    found: list[Backup] = []
    more: dict[str, Any] = {}
    while True:
        with refusing(f"cannot list backups of {table}", _REMEDY):
            page = client.list_backups(TableName=table, BackupType="ALL", **more)
        found += [_backup(summary) for summary in page["BackupSummaries"]]
        if "LastEvaluatedBackupArn" not in page:
            return tuple(sorted(found, key=lambda backup: backup.made))
        more = {"ExclusiveStartBackupArn": page["LastEvaluatedBackupArn"]}


def exists(client: Any, table: str) -> bool:
    """Tell whether the table is there."""

    def look() -> bool:
        client.describe_table(TableName=table)
        return True

    return bool(unless_missing(look, f"cannot look at table {table}", "check the credentials"))


def sources_of(client: Any, tables: Sequence[Table], request: Request) -> dict[Table, Source]:
    """Check the request and return, by table, the copy that it means.

    A backup's own name or address means its table alone; the moment at the end of its name, every table's.

    Raises:
        UsageError: the moment is outside the window, recovery is off, or there is no such backup.
        HarnessError: AWS refuses.
    """
    if request.moment is not None:
        for table in tables:
            _require_window(client, table.name, request.moment)
        return {table: Source(table.name, moment=request.moment) for table in tables}
    known = {table: backups(client, table.name) for table in tables}
    found = {table: _named(known[table], table, request.backup) for table in tables}
    chosen = {table: backup for table, backup in found.items() if backup is not None}
    own = any(request.backup in (backup.name, backup.arn) for backup in chosen.values())
    lacking = [table for table in tables if table not in chosen]
    if not chosen or (lacking and not own):
        last = [backup.name for table in lacking for backup in known[table][-5:]]
        raise wrong(
            "BACKUP",
            request.backup,
            f"is not a backup of {', '.join(table.name for table in lacking)}",
            f"there are: {', '.join(last) or 'none; make backup makes one'}",
        )
    return {table: Source(table.name, backup_arn=backup.arn) for table, backup in chosen.items()}


def _named(known: Sequence[Backup], table: Table, word: str) -> Backup | None:
    names = (word, f"{table.name}-{word}")
    return next((backup for backup in known if backup.name in names or backup.arn == word), None)


def _require_window(client: Any, table: str, moment: datetime) -> None:
    with refusing(f"cannot look at {table}", _REMEDY):
        answer = client.describe_continuous_backups(TableName=table)
    window = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if window.get("PointInTimeRecoveryStatus") != "ENABLED":
        raise UsageError(f"{table} has no point-in-time recovery", "use BACKUP=<name>; make backup makes one")
    first, last = (_utc(window[f"{end}RestorableDateTime"]) for end in ("Earliest", "Latest"))
    if not first <= moment <= last:
        raise wrong(
            "AT",
            f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            f"is outside of what {table} can be restored to",
            f"use a time from {first:%Y-%m-%dT%H:%M:%SZ} to {last:%Y-%m-%dT%H:%M:%SZ}",
        )


def _backup(details: Any) -> Backup:
    return Backup(details["BackupName"], details["BackupArn"], _utc(details["BackupCreationDateTime"]))


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
