"""Probe of gap_saved_state: what is left after the server is killed without warning."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from tests.local.gaps.conftest import Emulator, make_stack

from harness.localaws import control
from harness.localaws.settings import Kind

_SAVED_WITHIN_SECONDS = 1.0


def _killed_and_started(folder: Path, kind: Kind) -> Emulator:
    running = control.start(folder, None, 60, die_with_parent=True, kind=kind)
    emulator = Emulator(running)
    stack = make_stack(emulator, "kept")
    assert stack.get().status == 200
    emulator.client("s3").create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    emulator.client("s3").put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    emulator.client("s3").put_object(Bucket="kept", Key="k", Body=b"v")
    dynamodb = emulator.client("dynamodb")
    dynamodb.create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="kept", Item={"id": {"S": "1"}})
    time.sleep(_SAVED_WITHIN_SECONDS)
    os.kill(running.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(running.pid)], timeout=5)
    return Emulator(control.start(folder, None, 60, die_with_parent=True, kind=kind))


def test_stock_still_loses_what_was_not_saved(tmp_path: Path) -> None:
    emulator = _killed_and_started(tmp_path, Kind.STOCK)
    try:
        apis = emulator.client("apigateway").get_rest_apis()["items"]
        assert apis == [], "upstream saves as it goes: delete gap_saved_state"
    finally:
        control.stop(emulator.local)


def test_everything_older_than_a_second_survives_a_kill(tmp_path: Path) -> None:
    emulator = _killed_and_started(tmp_path, Kind.FILLED)
    try:
        [api] = emulator.client("apigateway").get_rest_apis()["items"]
        assert emulator.http(f"/restapis/{api['id']}/v1/_user_request_/do/ok").body == "1"
        alias = emulator.client("lambda").get_alias(FunctionName="kept", Name="live")
        assert alias["FunctionVersion"] == "1"
        assert emulator.client("dynamodb").get_item(TableName="kept", Key={"id": {"S": "1"}})["Item"]
        s3 = emulator.client("s3")
        assert s3.get_bucket_versioning(Bucket="kept")["Status"] == "Enabled"
        assert s3.get_object(Bucket="kept", Key="k")["Body"].read() == b"v"
    finally:
        control.stop(emulator.local)
    assert list((tmp_path / "services").rglob("*.tmp")) == []


@pytest.mark.parametrize("orderly", [True, False])
def test_no_worker_outlives_the_server(tmp_path: Path, orderly: bool) -> None:
    running = control.start(tmp_path, None, 60, die_with_parent=True)
    assert make_stack(Emulator(running), "worked").get().status == 200
    workers = psutil.Process(running.pid).children(recursive=True)
    assert workers
    if orderly:
        control.stop(running)
    else:
        os.kill(running.pid, signal.SIGKILL)
    assert not psutil.wait_procs(workers, timeout=5)[1]
