"""An acknowledged write is there after a kill -9 at any moment; one that is not saved is not acknowledged."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator
from tests.support.clone import Clone
from tests.support.durability import START_SECONDS, kill, kill_again_and_again, killed, limit_files, prepare, start
from tests.support.waiting import eventually

from harness.base.errors import HarnessError
from harness.localaws import control, durable_store, durable_telemetry, state_lock
from harness.localaws.settings import Kind

_KILLS = 3
_FULL = 1 << 20  # bytes that a file may have on the disk that is full
_LARGE = "x" * 300_000


def _refused(call: Callable[..., Any], **arguments: Any) -> str:
    """Return the message of the error 500 that a call ends with."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 500, answer
    assert answer["Error"]["Code"] in ("InternalServerError", "InternalFailure", "InternalError"), answer
    return str(answer["Error"]["Message"])


def _fill(dynamodb: Any) -> list[str]:
    """Put large items until one is refused; the names of those that were taken."""
    taken: list[str] = []
    while len(taken) < 20:
        try:
            item = {"id": {"S": f"large-{len(taken)}"}, "text": {"S": _LARGE}}
            dynamodb.put_item(TableName="kept", Item=item)
        except ClientError:
            return taken
        taken.append(item["id"]["S"])
    raise AssertionError("nothing was refused")


def test_an_acknowledged_write_survives_a_kill(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    ledger, lost = kill_again_and_again(tmp_path, _KILLS, seed)
    print(f"seed {seed}: {ledger.count}")
    assert len(ledger.count) == len(ledger.acknowledged), f"seed {seed}: {ledger.count}"
    assert lost == [], f"seed {seed}"


def test_what_cannot_be_saved_is_refused_and_what_was_acknowledged_stays(emulator: Emulator, tmp_path: Path) -> None:
    dynamodb, s3, iam = (emulator.client(name) for name in ("dynamodb", "s3", "iam"))
    s3.put_object(Bucket="kept", Key="state", Body=b"good")
    limit_files(emulator.local.pid, _FULL)
    assert "File too large" in _refused(s3.put_object, Bucket="kept", Key="state", Body=b"x" * 2 * _FULL)
    taken = _fill(dynamodb)
    assert taken
    message = _refused(dynamodb.put_item, TableName="kept", Item={"id": {"S": "small"}})
    assert f"could not save this change: disk I/O error ({tmp_path}" in message
    assert "could not save" in _refused(iam.create_group, GroupName="refused")
    assert s3.list_buckets()["Buckets"], "what only reads goes on"
    log = (tmp_path / "state" / "server.log").read_text()
    assert log.count("cannot save what it holds") == 1
    again = killed(emulator.local)
    assert {item["id"]["S"] for item in again.client("dynamodb").scan(TableName="kept")["Items"]} >= set(taken)
    assert again.client("s3").get_object(Bucket="kept", Key="state")["Body"].read() == b"good"


def test_it_saves_again_once_it_can_and_loses_nothing_of_meanwhile(emulator: Emulator, tmp_path: Path) -> None:
    dynamodb = emulator.client("dynamodb")
    limit_files(emulator.local.pid, _FULL)
    taken = _fill(dynamodb)
    limit_files(emulator.local.pid)
    emulator.client("iam").create_group(GroupName="later")
    log = tmp_path / "state" / "server.log"
    assert eventually(lambda: "saves again" in log.read_text(), START_SECONDS)
    shown = {item["id"]["S"] for item in dynamodb.scan(TableName="kept", ConsistentRead=True)["Items"]}
    again = killed(emulator.local)
    assert {item["id"]["S"] for item in again.client("dynamodb").scan(TableName="kept")["Items"]} == shown >= set(taken)
    assert again.client("iam").list_groups()["Groups"]


def test_down_tells_that_the_last_save_failed(scratch: Clone) -> None:
    state = scratch.root / "build" / "local"
    emulator = start(state)
    prepare(emulator)
    limit_files(emulator.local.pid, _FULL)
    taken = _fill(emulator.client("dynamodb"))
    ended = scratch.run("down")
    assert (ended.returncode, "could not save what it held last" in ended.stderr) == (2, True), ended.stderr
    assert "not running" in scratch.run("down").stderr
    again = start(state)
    assert {item["id"]["S"] for item in again.client("dynamodb").scan(TableName="kept")["Items"]} >= set(taken)
    limit_files(again.local.pid, _FULL)
    forgotten = scratch.run("down", ALL="1")
    assert (forgotten.returncode, state.exists()) == (0, False), "with ALL=1 nothing was to be saved"


def test_one_that_hangs_runs_and_nothing_is_deleted_under_it(scratch: Clone) -> None:
    state = scratch.root / "build" / "local"
    emulator = start(state)
    try:
        os.kill(emulator.local.pid, signal.SIGSTOP)
        assert control.running(state) == emulator.local
        (state / "server.json").unlink()
        with pytest.raises(HarnessError, match="already serves"):
            state_lock.remove(state)
        for verb in ("down", "clean"):
            assert scratch.run(verb, ALL="1").returncode == 2
        assert (state / "services" / durable_store.NAME).exists()
    finally:
        os.kill(emulator.local.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(emulator.local.pid)], 10)
    assert scratch.run("down", ALL="1").returncode == 0
    assert not state.exists()


def test_a_folder_of_an_older_release_is_taken_over(tmp_path: Path) -> None:
    """Upstream saves as older releases did."""
    older = start(tmp_path, Kind.STOCK)
    prepare(older)
    older.client("dynamodb").put_item(TableName="kept", Item={"id": {"S": "old"}})
    older.client("cloudwatch").put_metric_data(Namespace="kept", MetricData=[{"MetricName": "old", "Value": 1}])
    control.stop(older.local)
    assert (tmp_path / "services" / "dynamodb.json").exists()
    taken = killed(start(tmp_path).local)
    assert list((tmp_path / "services").glob("*.json")) == []
    assert taken.client("dynamodb").get_item(TableName="kept", Key={"id": {"S": "old"}})["Item"]
    assert taken.client("cloudwatch").list_metrics(Namespace="kept")["Metrics"]
    control.stop(taken.local)


@pytest.mark.parametrize("name", [durable_store.NAME, "iam.json"])
def test_what_cannot_be_read_is_refused_in_one_line_and_left_alone(tmp_path: Path, name: str) -> None:
    damaged = tmp_path / "services" / name
    damaged.parent.mkdir()
    damaged.write_text("damaged " * 1000)
    with pytest.raises(HarnessError, match="cannot read what it saved") as refused:
        start(tmp_path)
    assert refused.value.remedy or "make down ALL=1" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert damaged.read_text() == "damaged " * 1000


def test_metrics_and_logs_are_kept_but_not_for_ever(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DISABLE_REQUEST_COMPRESSION", "true")  # upstream cannot read it
    cloudwatch, logs = emulator.client("cloudwatch"), emulator.client("logs")
    points = round(durable_telemetry.MOST_POINTS * 1.2 / 1000)
    for number in range(points):
        data = [{"MetricName": "often", "Value": number}] * 1000
        cloudwatch.put_metric_data(Namespace="kept", MetricData=data)
    logs.create_log_group(logGroupName="kept")
    for name in ("first", "last"):
        logs.create_log_stream(logGroupName="kept", logStreamName=name)
    events = [{"timestamp": round(time.time() * 1000), "message": "much"}] * 10_000
    for number in range(round(durable_telemetry.MOST_EVENTS * 1.2 / len(events)) + 1):
        logs.put_log_events(logGroupName="kept", logStreamName="last" if number else "first", logEvents=events)
    control.stop(emulator.local)
    again = start(emulator.local.state_dir)
    asked = {"Namespace": "kept", "MetricName": "often", "Period": 86400, "Statistics": ["SampleCount", "Maximum"]}
    found = again.client("cloudwatch").get_metric_statistics(
        **asked, StartTime=time.time() - 86400, EndTime=time.time()
    )
    assert sum(point["SampleCount"] for point in found["Datapoints"]) < points * 1000
    assert max(point["Maximum"] for point in found["Datapoints"]) == points - 1
    streams = again.client("logs").describe_log_streams(logGroupName="kept")["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["last"]


def test_metrics_and_logs_of_a_while_ago_survive_a_kill(emulator: Emulator) -> None:
    """A while is a second; where the machine is too busy for that, more."""
    emulator.client("logs").create_log_group(logGroupName="kept")
    for seconds in (1, 4, 16):
        cloudwatch, logs = emulator.client("cloudwatch"), emulator.client("logs")
        cloudwatch.put_metric_data(Namespace="kept", MetricData=[{"MetricName": "once", "Value": 1}])
        logs.create_log_stream(logGroupName="kept", logStreamName=f"{seconds}")
        event = {"timestamp": round(time.time() * 1000), "message": "kept"}
        logs.put_log_events(logGroupName="kept", logStreamName=f"{seconds}", logEvents=[event])
        time.sleep(seconds)
        emulator = killed(emulator.local)
        events = emulator.client("logs").get_log_events(logGroupName="kept", logStreamName=f"{seconds}")["events"]
        if emulator.client("cloudwatch").list_metrics(Namespace="kept")["Metrics"] and events:
            return
    raise AssertionError("neither survived")


@pytest.mark.parametrize(("drafts", "expected"), [(("about",), b"new"), (("body", "about"), b"old"), ((), b"new")])
def test_an_object_and_its_description_belong_together_wherever_the_process_died(
    emulator: Emulator, drafts: tuple[str, ...], expected: bytes
) -> None:
    """Put the files back to a moment in the middle of the second write."""
    s3, folder = emulator.client("s3"), emulator.local.state_dir / "s3" / "000000000000" / "kept"
    files = {"body": folder / "object", "about": folder / "object.meta.json"}
    s3.put_object(Bucket="kept", Key="object", Body=b"old")
    before = {name: path.read_bytes() for name, path in files.items()}
    s3.put_object(Bucket="kept", Key="object", Body=b"new")
    kill(emulator.local)
    for name in drafts:
        files[name].rename(f"{files[name]}.tmp")
        files[name].write_bytes(before[name])
    again = start(emulator.local.state_dir)
    found = again.client("s3").get_object(Bucket="kept", Key="object")
    assert (found["Body"].read(), found["ETag"].strip('"')) == (expected, hashlib.md5(expected).hexdigest())  # noqa: S324
    assert list(emulator.local.state_dir.rglob("*.tmp")) == []
