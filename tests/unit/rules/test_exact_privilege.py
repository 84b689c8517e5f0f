"""The calls the store makes, found by making them, are exactly the actions its role is granted, and where."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from tests.support.fake_table import TABLE, FakeTable

from harness.rules import read_sources
from items.model import Claim, Fields, Item, Refusal
from items.store import Store

NOW, EPOCH = "2026-01-01T00:00:00.000000Z", 1_767_225_600
FIELDS = Fields("n", "d", "active", NOW)


class Recorder:
    """A store over a table in memory, and every (operation, table or index) it asked for."""

    def __init__(self) -> None:
        session = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="eu-west-1")
        client = session.client("dynamodb", endpoint_url="http://table.test")
        FakeTable(client)
        self.calls: set[tuple[str, str]] = set()
        client.meta.events.register("before-parameter-build.dynamodb", self._record)
        self.store = Store(client, TABLE)
        self.store.budget.seconds = 3600

    def _record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.add((model.name, "index" if "IndexName" in params else "table"))


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    yield Recorder()


def item(name: str) -> Item:
    return Item(name, "n", "d", "active", 1, NOW, NOW)


def exercise(store: Store) -> set[str]:
    """Call every public method, each way it can end; returns their names."""
    assert store.claim(Claim("key#1", "f", "a", "t", NOW, EPOCH + 60), EPOCH).item_id == "a"
    assert store.claim(Claim("key#1", "g", "b", "u", NOW, EPOCH + 60), EPOCH).item_id == "a"
    assert store.create(item("plain"), "t1")
    assert not store.create(item("plain"), "t2")
    assert store.create(item("remembered"), "t3", replay_until=EPOCH + 60)
    assert store.get("plain") is not None
    assert store.get("nothing") is None
    replaced = store.replace("plain", FIELDS, "t4", 1)
    assert isinstance(replaced, Item)
    assert replaced.version == 2
    assert store.replace("plain", FIELDS, "t5", 1) is Refusal.VERSION
    assert len(store.query(None, None, 10).items) == 2
    assert store.query("0", "archived", 10).items == ()
    assert store.delete("plain", "t6", 1, NOW, EPOCH) is Refusal.VERSION
    assert store.delete("plain", "t7", 2, NOW, EPOCH) is None
    assert store.delete("remembered", "t8", None, NOW, EPOCH) is None  # leaves a tombstone
    assert store.delete("remembered", "t9", None, NOW, EPOCH) is Refusal.MISSING
    return {"claim", "create", "get", "replace", "query", "delete"}


def granted() -> set[tuple[str, str]]:
    return {
        (action.name.removeprefix("dynamodb:"), grant.resource)
        for grant in read_sources().grants
        for action in grant.actions
        if action.name.startswith("dynamodb:")
    }


def test_every_call_is_granted_and_every_grant_is_called(recorder: Recorder) -> None:
    exercise(recorder.store)
    assert recorder.calls == granted()


def test_every_method_of_the_store_is_exercised(recorder: Recorder) -> None:
    public = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if not name.startswith("_")}
    assert exercise(recorder.store) == public


def test_a_call_that_is_not_granted_would_be_seen(recorder: Recorder) -> None:
    recorder.store._client.describe_table(TableName=TABLE)
    assert recorder.calls - granted() == {("DescribeTable", "table")}
