"""A restore that is ended at each of its moments, on a local AWS of its own: the side table goes, the next one goes on.

Run as a program it is the restore that gets killed: PLACE MOMENT.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.side_tables import as_at_a_terminal

from harness.aws.clients import aws_client
from harness.base.paths import REPO
from harness.localaws import control
from harness.operate.deployed import Table
from harness.operate.recovery.copies import Source, backups
from harness.operate.recovery.items import Difference
from harness.operate.recovery.one_table import restore_table
from harness.operate.recovery.pacing import CLOCK
from harness.operate.recovery.request import Mode, Request, What

_START_SECONDS = 60
_COUNT = 130  # more than a page
_TABLE = Table("ended", ("id",), ("S",), "", recoverable=True)
_REQUEST = Request(What.TABLE, backup="made", mode=Mode.EXACT, share=1.0)
# The table is being made; it is compared; what is gone is written; what came later is deleted.
MOMENTS = ("DescribeTable", "BatchGetItem", "PutItem", "DeleteItem")
ENDS = [(moment, signal.SIGTERM) for moment in MOMENTS] + [("PutItem", signal.SIGINT), ("PutItem", signal.SIGHUP)]


def _environment(place: str) -> dict[str, str]:
    running = control.running(Path(place))
    assert running
    return control.environment(running)


def _client(place: str, moment: str = "", act: Callable[[], None] = lambda: None) -> Any:
    """A client that acts when a restore comes to the moment: at its second call of that name."""
    client: Any = aws_client("dynamodb", "eu-west-1", _environment(place))
    calls = [0]

    def come(**_: Any) -> None:
        calls[0] += 1
        if calls[0] == 2:
            act()

    if moment:
        client.meta.events.register(f"before-call.dynamodb.{moment}", come)
    return client


def _kill(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


def _restore(client: Any) -> tuple[Difference, Difference]:
    arn = backups(client, _TABLE.name)[-1].arn
    return restore_table(client, _TABLE, Source(_TABLE.name, arn), _REQUEST, CLOCK, confirmed=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """State folder of a local AWS that has the table and its backup."""
    running = control.start(tmp_path_factory.mktemp("ended"), None, _START_SECONDS, die_with_parent=True)
    client = _client(str(running.state_dir))
    client.create_table(
        TableName=_TABLE.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    _write(client, range(_COUNT))
    client.create_backup(TableName=_TABLE.name, BackupName="made")
    yield str(running.state_dir)
    control.stop(running)


def _write(client: Any, numbers: range, kind: str = "PutRequest") -> None:
    for start in range(0, len(numbers), 25):
        keys = [{"id": {"S": f"{number:04}"}} for number in numbers[start : start + 25]]
        name = "Item" if kind == "PutRequest" else "Key"
        client.batch_write_item(RequestItems={_TABLE.name: [{kind: {name: key}} for key in keys]})


@pytest.fixture
def damaged(place: str) -> str:
    """The table with every other item gone, and as many that came later."""
    client = _client(place)
    _write(client, range(0, _COUNT, 2), "DeleteRequest")
    _write(client, range(_COUNT, _COUNT + _COUNT // 2))
    return place


def _left(place: str) -> list[str]:
    return [name for name in _client(place).list_tables()["TableNames"] if name != _TABLE.name]


def _assert_goes_on(place: str) -> None:
    assert _restore(_client(place))[1] == Difference(equal=_COUNT)
    assert _left(place) == []


@pytest.fixture(autouse=True)
def terminal() -> Iterator[None]:
    with as_at_a_terminal():
        yield


@pytest.mark.parametrize(("moment", "number"), ENDS)
def test_a_restore_that_is_asked_to_stop_leaves_no_table(damaged: str, moment: str, number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt):
        _restore(_client(damaged, moment, lambda: _kill(number)))
    assert _left(damaged) == []
    _assert_goes_on(damaged)


@pytest.mark.parametrize("moment", MOMENTS)
def test_after_a_kill_the_next_restore_takes_the_table_over(
    damaged: str, moment: str, capfd: pytest.CaptureFixture[str]
) -> None:
    killed = subprocess.run(
        [sys.executable, __file__, damaged, moment],
        env={**os.environ, "PYTHONPATH": f"{REPO / 'scripts'}{os.pathsep}{REPO}"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (name,) = _left(damaged)
    _assert_goes_on(damaged)
    assert f"{name} was left behind by a restore of the same copy: it is used again" in capfd.readouterr().err


def test_a_restore_takes_what_the_local_aws_says_a_call_consumed(damaged: str) -> None:
    client = _client(damaged)
    units: list[float] = []
    client.meta.events.register(
        "after-call.dynamodb.PutItem", lambda parsed, **_: units.append(parsed["ConsumedCapacity"]["CapacityUnits"])
    )
    before, after = _restore(client)
    assert before == Difference(missing=_COUNT // 2, later=_COUNT // 2, equal=_COUNT // 2)
    assert after == Difference(equal=_COUNT)
    assert units == [1.0] * (_COUNT // 2)


def main() -> None:
    """Restore, and be killed at the moment that the command line names."""
    place, moment = sys.argv[1:]
    _restore(_client(place, moment, lambda: _kill(signal.SIGKILL)))


if __name__ == "__main__":
    main()
