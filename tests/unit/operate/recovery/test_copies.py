"""Copies of several tables: one moment for all, or each table's own backup; a bad request is refused first."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import botocore.exceptions
import pytest

from harness.base.errors import HarnessError, UsageError
from harness.operate.deployed import Table
from harness.operate.recovery.copies import make_backup, moment_word, sources_of
from harness.operate.recovery.request import Request, What

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
WORD = "20260131T120000Z"
ONE, TWO = (Table(name, ("id",), ("S",), "", recoverable=True) for name in ("one", "two"))


class Client:
    """Backups and windows of tables."""

    def __init__(self, *backups: str, recoverable: tuple[str, ...] = ("one", "two")) -> None:
        self.backups = [*backups]
        self.recoverable = recoverable
        self.asked: list[dict[str, Any]] = []

    def create_backup(self, *, TableName: str, BackupName: str) -> dict[str, Any]:
        self.backups.append(BackupName)
        return {"BackupDetails": self._details(BackupName)}

    def list_backups(self, *, TableName: str, BackupType: str) -> dict[str, Any]:
        ours = [name for name in self.backups if name.startswith(f"{TableName}-")]
        return {"BackupSummaries": [self._details(name) for name in ours]}

    def describe_continuous_backups(self, *, TableName: str) -> dict[str, Any]:
        status = "ENABLED" if TableName in self.recoverable else "DISABLED"
        window = {"PointInTimeRecoveryStatus": status}
        ends = {f"{end}RestorableDateTime": NOW for end in ("Earliest", "Latest")}
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {**window, **ends}}}

    def restore_table_from_backup(self, **asked: Any) -> None:
        self.asked.append(asked)

    def restore_table_to_point_in_time(self, **asked: Any) -> None:
        self.asked.append(asked)

    @staticmethod
    def _details(name: str) -> dict[str, Any]:
        return {"BackupName": name, "BackupArn": f"arn:{name}", "BackupCreationDateTime": NOW}


def started(client: Client, request: Request) -> list[tuple[str, str]]:
    for table, source in sources_of(client, (ONE, TWO), request).items():
        source.start(client, f"{table.name}-side")
    return [
        (one["TargetTableName"], one.get("BackupArn") or f"{one['SourceTableName']} at {one['RestoreDateTime']:%H:%M}")
        for one in client.asked
    ]


def test_every_table_goes_back_to_one_moment() -> None:
    asked = started(Client(), Request(What.TABLE, moment=NOW))
    assert asked == [("one-side", "one at 12:00"), ("two-side", "two at 12:00")]


def test_backups_that_were_made_together_are_named_by_their_moment() -> None:
    client = Client("one-earlier")
    made = [make_backup(client, table.name, NOW) for table in (ONE, TWO)]
    assert [one.name for one in made] == [f"one-{WORD}", f"two-{WORD}"]
    asked = started(client, Request(What.TABLE, backup=moment_word(NOW)))
    assert asked == [("one-side", f"arn:one-{WORD}"), ("two-side", f"arn:two-{WORD}")]


@pytest.mark.parametrize("backup", ["two-b", "arn:two-b"])
def test_a_backup_of_one_table_restores_that_one(backup: str) -> None:
    assert started(Client("one-a", "two-b"), Request(What.TABLE, backup=backup)) == [("two-side", "arn:two-b")]


@pytest.mark.parametrize(
    ("client", "request_", "told"),
    [
        (
            Client("one-a", "two-b"),
            Request(What.TABLE, backup="c"),
            "BACKUP=c is not a backup of one, two -> there are: one-a",
        ),
        (
            Client("one-a", "two-b"),
            Request(What.TABLE, backup="a"),
            "BACKUP=a is not a backup of two -> there are: two-b",
        ),
        (Client(), Request(What.TABLE, backup="a"), "of one, two -> there are: none; make backup makes one"),
        (Client(recoverable=("one",)), Request(What.TABLE, moment=NOW), "two has no point-in-time recovery"),
    ],
)
def test_what_is_not_there_for_every_table_is_refused_before_any_is_touched(
    client: Client, request_: Request, told: str
) -> None:
    with pytest.raises(UsageError) as refused:
        sources_of(client, (ONE, TWO), request_)
    assert told in str(refused.value)
    assert client.asked == []


@pytest.mark.parametrize(
    "error",
    [
        botocore.exceptions.ClientError({"Error": {"Code": "Busy", "Message": "no"}}, "CreateBackup"),
        botocore.exceptions.EndpointConnectionError(endpoint_url="https://nowhere"),
    ],
)
def test_a_refusal_and_a_silence_say_what_was_tried(error: Exception) -> None:
    def refuse(**_: object) -> None:
        raise error

    with pytest.raises(HarnessError, match=r"^cannot back up one: .* -> (check names|nobody listens)"):
        make_backup(SimpleNamespace(create_backup=refuse), "one", NOW)
