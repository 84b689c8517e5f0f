"""Writes by GET are kept, too; a server that died leaves nothing half done; a start that cannot be tells why."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.local.gaps.conftest import Emulator, make_function
from tests.support.durability import START_SECONDS, killed, limit_files, start
from tests.support.waiting import eventually

from harness.base import causes
from harness.base.errors import HarnessError
from harness.localaws import control, durable_store

_LIMITED = (
    "import resource, runpy, sys; size = int(sys.argv.pop(1));"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY));"
    "runpy.run_module('harness.localaws', run_name='__main__', alter_sys=True)"
)


def test_a_write_by_get_is_not_acknowledged_unsaved(emulator: Emulator) -> None:
    limit_files(emulator.local.pid, 1)
    refused = emulator.signed("iam", "/?Action=CreateUser&UserName=got&Version=2010-05-08")
    assert (refused.status, "<Code>InternalFailure</Code>" in refused.body) == (500, True), refused
    assert emulator.signed("iam", "/?Action=ListUsers&Version=2010-05-08").status == 200, "what only reads goes on"


def test_a_function_becomes_ready_when_the_server_died_while_it_was_made(emulator: Emulator) -> None:
    make_function(emulator, "updated")
    functions = emulator.client("lambda")
    assert _ready(emulator, "updated")
    functions.update_function_configuration(FunctionName="updated", Timeout=5)
    make_function(emulator, "made")
    again = killed(emulator.local)
    for name in ("updated", "made"):
        assert _ready(again, name), name


def _ready(emulator: Emulator, name: str) -> bool:
    """Wait until a function, and its version 1, are active and their last update successful."""

    def is_ready() -> bool:
        asked = [{"FunctionName": name}, {"FunctionName": name, "Qualifier": "1"}]
        found = [emulator.client("lambda").get_function_configuration(**one) for one in asked]
        return {(one["State"], one["LastUpdateStatus"]) for one in found} == {("Active", "Successful")}

    return bool(eventually(is_ready, 10))


def _streaming(emulator: Emulator) -> Path:
    """Make a table with a stream, put an item, and stop; the state folder."""
    dynamodb: Any = emulator.client("dynamodb")
    dynamodb.update_table(
        TableName="kept", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    )
    dynamodb.put_item(TableName="kept", Item={"id": {"S": "1"}})
    control.stop(emulator.local)
    return Path(emulator.local.state_dir)


def _started(folder: Path, size: int = -1) -> tuple[int, str]:
    """Start a server that is to fail, with files of at most ``size`` bytes: its exit code and standard error."""
    arguments = ["--port", "0", "--state-dir", str(folder)]
    command = [sys.executable, "-c", _LIMITED, str(size), *arguments]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=START_SECONDS, check=False, env=dict(os.environ)
    )
    told = [line for line in ended.stderr.splitlines() if not line.startswith("WARNING:")]  # upstream's, at import
    return ended.returncode, "\n".join(told)


def test_a_damaged_stream_record_is_refused_in_one_line(emulator: Emulator) -> None:
    folder = _streaming(emulator)
    with sqlite3.connect(folder / "services" / durable_store.NAME) as database:
        streams = "SELECT id FROM sections WHERE name LIKE 'stream/%'"
        assert database.execute(f"UPDATE entries SET value = '{{' WHERE section IN ({streams})").rowcount  # noqa: S608
    database.close()
    code, told = _started(folder)
    assert (code, told.count("\n"), "cannot read what it saved (dynamodb" in told) == (2, 0, True), told


@pytest.mark.parametrize("size", [0, 1000])
def test_a_start_without_room_asks_for_room(emulator: Emulator, size: int) -> None:
    code, told = _started(_streaming(emulator), size)
    assert (code, told.count("\n"), told.endswith(causes.ROOM)) == (2, 0, True), told


def test_who_starts_it_without_room_is_asked_for_room(tmp_path: Path) -> None:
    """The server's log is on the same disk."""
    limit_files(os.getpid(), 0)
    try:
        with pytest.raises(HarnessError) as refused:
            start(tmp_path)
    finally:
        limit_files(os.getpid())
    assert refused.value.remedy == causes.ROOM
