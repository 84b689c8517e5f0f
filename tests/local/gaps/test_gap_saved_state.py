"""Probe of gap_saved_state: what is left after the server is killed without warning."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator, make_stack

from harness.localaws import control
from harness.localaws.settings import Kind

_STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def _fill(emulator: Emulator) -> None:
    stack = make_stack(emulator, "kept")
    assert stack.get().status == 200
    s3, dynamodb = emulator.client("s3"), emulator.client("dynamodb")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="kept", Key="k", Body=b"v")
    dynamodb.create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=_STREAM,
    )
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName="kept", PointInTimeRecoverySpecification=recovery)
    dynamodb.put_item(TableName="kept", Item={"id": {"S": "1"}, "seen": {"N": "1"}})
    dynamodb.create_backup(TableName="kept", BackupName="kept")


def _change(emulator: Emulator) -> float:
    """Change the item a whole second after it was put; the moment before that, in seconds since the epoch."""
    before = int(time.time()) + 1
    time.sleep(before + 1 - time.time())
    emulator.client("dynamodb").put_item(TableName="kept", Item={"id": {"S": "1"}, "seen": {"N": "2"}})
    return float(before)


def _killed(emulator: Emulator, kind: Kind) -> Emulator:
    os.kill(emulator.local.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(emulator.local.pid)], timeout=5)
    return Emulator(control.start(emulator.local.state_dir, None, 60, die_with_parent=True, kind=kind))


def _filled_and_killed(folder: Path, kind: Kind) -> Emulator:
    emulator = Emulator(control.start(folder, None, 60, die_with_parent=True, kind=kind))
    _fill(emulator)
    return _killed(emulator, kind)


def test_stock_still_loses_what_was_not_saved(tmp_path: Path) -> None:
    emulator = _filled_and_killed(tmp_path, Kind.STOCK)
    try:
        apis = emulator.client("apigateway").get_rest_apis()["items"]
        assert apis == [], "upstream saves as it goes: delete gap_saved_state"
    finally:
        control.stop(emulator.local)


def test_everything_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    emulator = _filled_and_killed(tmp_path, Kind.FILLED)
    try:
        [api] = emulator.client("apigateway").get_rest_apis()["items"]
        assert emulator.http(f"/restapis/{api['id']}/v1/_user_request_/do/ok").body == "1"
        alias = emulator.client("lambda").get_alias(FunctionName="kept", Name="live")
        assert alias["FunctionVersion"] == "1"
        s3 = emulator.client("s3")
        assert s3.get_bucket_versioning(Bucket="kept")["Status"] == "Enabled"
        assert s3.get_object(Bucket="kept", Key="k")["Body"].read() == b"v"
        _check_table(emulator)
    finally:
        control.stop(control.running(tmp_path) or emulator.local)
    assert list(tmp_path.rglob("*.tmp")) == []


def _check_table(emulator: Emulator) -> None:
    """Find items, recovery, backup and stream where they were, through one more kill in between."""
    before = _change(emulator)
    statements = ["UPDATE kept SET seen = 3 WHERE id = '1'", "UPDATE kept SET seen = 3 WHERE id = 'none'"]
    with pytest.raises(ClientError, match="TransactionCanceled"):  # it puts all items of the table back
        emulator.client("dynamodb").execute_transaction(TransactStatements=[{"Statement": one} for one in statements])
    emulator = _killed(emulator, Kind.FILLED)
    dynamodb, streams = emulator.client("dynamodb"), emulator.client("dynamodbstreams")
    table = dynamodb.describe_table(TableName="kept")["Table"]
    assert table["ItemCount"] == 1
    shard = streams.describe_stream(StreamArn=table["LatestStreamArn"])["StreamDescription"]["Shards"][0]["ShardId"]
    asked = {"StreamArn": table["LatestStreamArn"], "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**asked)["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    assert [one["eventName"] for one in records] == ["INSERT", "MODIFY"]
    [backup] = dynamodb.list_backups(TableName="kept")["BackupSummaries"]
    moment = datetime.fromtimestamp(before, UTC)
    dynamodb.restore_table_from_backup(TargetTableName="from-backup", BackupArn=backup["BackupArn"])
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="kept", TargetTableName="from-before", RestoreDateTime=moment
    )
    again = _killed(emulator, Kind.FILLED).client("dynamodb")
    for name, seen in (("kept", "2"), ("from-backup", "1"), ("from-before", "1")):
        again.describe_table(TableName=name)  # a restored one is being made until somebody looked
        assert again.get_item(TableName=name, Key={"id": {"S": "1"}})["Item"]["seen"] == {"N": seen}


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
