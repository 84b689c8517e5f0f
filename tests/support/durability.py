"""Writers that note which of their writes were acknowledged, and a local AWS that is killed under them."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from botocore.exceptions import BotoCoreError, ClientError
from tests.local.gaps.conftest import Emulator

from harness.localaws import control
from harness.localaws.control import LocalAws
from harness.localaws.settings import Kind

_TABLE, _BUCKET, _STATE, _QUEUE = "kept", "kept", "state.json", "kept"
START_SECONDS = 60


@dataclass(frozen=True)
class Store:
    """Something that is written to.

    Attributes:
        write: make write number n; returns when it is acknowledged.
        read: list the numbers of the writes that are there.
        drains: reading takes away what was read.
    """

    write: Callable[[int], object]
    read: Callable[[], set[int]]
    drains: bool = False


def _item(number: int, **more: Any) -> dict[str, Any]:
    return {"id": {"S": f"{number}"}, "padding": {"S": "x" * 500}, **more}


def _put(dynamodb: Any, number: int) -> None:
    absent = "attribute_not_exists(id)"
    dynamodb.put_item(TableName=_TABLE, Item=_item(number), ConditionExpression=absent)


def _transact(dynamodb: Any, number: int) -> None:
    pair = [_item(number, first={"BOOL": True}), {**_item(number), "id": {"S": f"{number}-twin"}}]
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": _TABLE, "Item": item}} for item in pair])


def _count(dynamodb: Any, number: int) -> None:
    dynamodb.update_item(
        TableName=_TABLE,
        Key={"id": {"S": "counter"}},
        UpdateExpression="SET seen = :number",
        ExpressionAttributeValues={":number": {"N": f"{number}"}},
    )


def _numbers(dynamodb: Any, *, twins: bool) -> set[int]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=_TABLE, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"] if item["id"]["S"] != "counter"]
    found = {item["id"]["S"] for item in items if twins == ("first" in item or item["id"]["S"].endswith("-twin"))}
    return {int(one) for one in found if one.isdigit() and (not twins or f"{one}-twin" in found)}


def _counted(dynamodb: Any) -> set[int]:
    item = dynamodb.get_item(TableName=_TABLE, Key={"id": {"S": "counter"}}).get("Item")
    return set(range(int(item["seen"]["N"]) + 1)) if item else set()


def _versions(s3: Any) -> set[int]:
    """Read each version, and the current one: its body has to be that of its ETag."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=_BUCKET, Prefix=_STATE)
    numbers = set()
    for version in [version for page in pages for version in page.get("Versions", [])]:
        whole = s3.get_object(Bucket=_BUCKET, Key=_STATE, VersionId=version["VersionId"])
        numbers.add(_number_of(whole))
    if numbers:
        numbers.add(_number_of(s3.get_object(Bucket=_BUCKET, Key=_STATE)))
    return numbers


def _number_of(answer: Any) -> int:
    body = answer["Body"].read()
    assert answer["ETag"].strip('"') == hashlib.md5(body).hexdigest()  # noqa: S324
    return int(body.split()[0])


def _messages(sqs: Any, url: str) -> set[int]:
    found: set[int] = set()
    while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found |= {int(message["Body"]) for message in received}
        taken = [{"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]} for message in received]
        sqs.delete_message_batch(QueueUrl=url, Entries=taken)
    return found


def prepare(emulator: Emulator) -> None:
    """Make what is written to."""
    emulator.client("dynamodb").create_table(
        TableName=_TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    emulator.client("sqs").create_queue(QueueName=_QUEUE)


def stores(emulator: Emulator) -> dict[str, Store]:
    """List what is written to, by name."""
    dynamodb, s3, iam, sqs = (emulator.client(name) for name in ("dynamodb", "s3", "iam", "sqs"))
    url = sqs.get_queue_url(QueueName=_QUEUE)["QueueUrl"]

    def groups() -> set[int]:
        pages = iam.get_paginator("list_groups").paginate()
        return {int(group["GroupName"]) for page in pages for group in page["Groups"]}

    return {
        "items": Store(lambda n: _put(dynamodb, n), lambda: _numbers(dynamodb, twins=False)),
        "transactions": Store(lambda n: _transact(dynamodb, n), lambda: _numbers(dynamodb, twins=True)),
        "updates": Store(lambda n: _count(dynamodb, n), lambda: _counted(dynamodb)),
        "versions": Store(
            lambda n: s3.put_object(Bucket=_BUCKET, Key=_STATE, Body=f"{n} {'y' * 3000}".encode()),
            lambda: _versions(s3),
        ),
        "settings": Store(lambda n: iam.create_group(GroupName=f"{n}"), groups),
        "messages": Store(
            lambda n: sqs.send_message(QueueUrl=url, MessageBody=f"{n}"), lambda: _messages(sqs, url), drains=True
        ),
    }


def start(folder: Path, kind: Kind = Kind.FILLED) -> Emulator:
    """Start a local AWS on a folder, which ends with the test run."""
    return Emulator(control.start(folder, None, START_SECONDS, die_with_parent=True, kind=kind))


def limit_files(pid: int, size: int = psutil.RLIM_INFINITY) -> None:
    """Let no file of a process grow beyond a size, in bytes: what a full disk does, as root, too."""
    psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))


def stop_what_is_left(folder: Path) -> None:
    """Stop the local AWS that serves a folder, if one still does, with room for what it has to save."""
    if (left := control.running(folder)) is not None:
        limit_files(left.pid)
        control.stop(left)


def kill(local: LocalAws) -> None:
    """Kill a local AWS without warning, and wait until it is gone."""
    server = psutil.Process(local.pid)
    os.kill(local.pid, signal.SIGKILL)
    psutil.wait_procs([server], 10)


def killed(local: LocalAws) -> Emulator:
    """Kill a local AWS without warning, and start it again on the same folder."""
    kill(local)
    return start(local.state_dir)


@dataclass
class Ledger:
    """Numbers of the writes that were acknowledged, by the name of the store; ``count`` is how many there ever were."""

    acknowledged: dict[str, set[int]] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def lost(self, emulator: Emulator) -> dict[str, list[int]]:
        """List acknowledged writes that are not there, by the name of the store; nothing for a store without any."""
        missing = {}
        for name, store in stores(emulator).items():
            kept = self.acknowledged.get(name, set())
            missing[name] = sorted(kept - store.read())
            if store.drains:
                kept.clear()
        return {name: numbers for name, numbers in missing.items() if numbers}

    def writing(self, name: str, store: Store, numbers: Iterator[int]) -> None:
        """Write until a write fails."""
        kept = self.acknowledged.setdefault(name, set())
        while True:
            number = next(numbers)
            try:
                store.write(number)
            except (BotoCoreError, ClientError):
                return
            kept.add(number)
            self.count[name] = self.count.get(name, 0) + 1

    def write_until_killed(self, emulator: Emulator, seconds: float, begin: int) -> None:
        """Let one thread write to each store, and kill the local AWS after some time."""
        threads = [
            threading.Thread(target=self.writing, args=(name, store, iter(range(begin + place * 10_000, 10**9))))
            for place, (name, store) in enumerate(stores(emulator).items())
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        kill(emulator.local)
        for thread in threads:
            thread.join()


def kill_again_and_again(folder: Path, kills: int, seed: int, kind: Kind = Kind.FILLED) -> tuple[Ledger, list[str]]:
    """Write, kill, start and read, ``kills`` times; returns what was acknowledged, and what was lost, in words."""
    choose, ledger, lost = random.Random(seed), Ledger(), []
    emulator = start(folder, kind)
    prepare(emulator)
    for number in range(kills):
        ledger.write_until_killed(emulator, choose.uniform(0.05, 1.0), number * 100_000)
        emulator = start(folder, kind)
        lost += [f"kill {number}, {name}: {numbers[:5]} …" for name, numbers in ledger.lost(emulator).items()]
    control.stop(emulator.local)
    return ledger, lost
