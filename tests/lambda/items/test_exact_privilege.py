"""The calls the store makes, found by making them, are exactly the actions its role is granted, and where."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from tests.support.fake_table import TABLE, FakeTable

from harness.rules import read_sources
from items.model import Claim, Entry, Item, Shards
from items.store import Store

SERVICE = Store.__module__.partition(".")[0]
NOW, EPOCH = "2026-01-01T00:00:00.000000Z", 1_767_225_600


class Recorder:
    """A store over a table in memory, and all that it asked for.

    Attributes:
        calls: (action, operation, the index's name or ``table``); what a transaction writes, each under its own action.
    """

    def __init__(self) -> None:
        session = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="eu-west-1")
        client = session.client("dynamodb", endpoint_url="http://table.test")
        FakeTable(client)
        self.calls: set[tuple[str, str, str]] = set()
        client.meta.events.register("before-parameter-build.dynamodb", self._record)
        self.store = Store(client, TABLE, Shards(read=2, write=2))
        self.store.budget.seconds = 3600

    def _record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        writes = [f"{kind}Item" for one in params.get("TransactItems", ()) for kind in one]
        place = params.get("IndexName", "table")
        self.calls |= {(action, model.name, place) for action in writes or [model.name]}


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    yield Recorder()


def item(name: str) -> Item:
    return Item(name, "n", "d", "active", 1, NOW, NOW)


def claim(token: str) -> Claim:
    return Claim("key#1", "f", "a", token, NOW, EPOCH + 60, created=True)


def exercise(store: Store) -> set[str]:
    """Call every public method, each way it can end; returns their names."""
    plain, changed = item("plain"), replace(item("plain"), version=2)
    assert store.create(plain, "t" * 36, None, EPOCH) is True
    assert store.create(plain, "u" * 36, None, EPOCH) is False
    assert store.create(item("remembered"), "v" * 36, claim("v"), EPOCH) is True
    assert store.create(item("twin"), "w" * 36, claim("w"), EPOCH) == claim("v")
    assert store.remember(claim("x"), EPOCH) == claim("v")
    assert store.get("plain") == plain
    assert store.get("nothing") is None
    assert store.replace(plain, changed, "x" * 36) is True
    assert store.replace(plain, changed, "y" * 36) is False
    assert store.get("plain") == changed
    entries = [entry for run in store.query(None, None, 10) for entry in run.entries]
    assert {entry.id for entry in entries} == {"plain", "remembered"}
    assert len(store.read(entries, "active")) == 2
    assert store.read([Entry("nothing", "x")], None) == []
    assert [run.entries for run in store.query("0", "archived", 10)] == [(), ()]
    assert store.delete(plain, "a" * 36) is False
    assert store.delete(replace(changed, created_at="another time"), "b" * 36) is False
    assert store.delete(changed, "c" * 36) is True
    assert store.delete(changed, "d" * 36) is False
    return {"create", "remember", "get", "replace", "query", "read", "delete"}


def granted() -> set[tuple[str, str, str]]:
    return {
        (name, call, grant.resource.partition("/")[2] or "table")
        for grant in read_sources().grants[SERVICE]
        for action in grant.actions
        if action.name.startswith("dynamodb:")
        for name in [action.name.removeprefix("dynamodb:")]
        for call in action.calls or (name,)
    }


def test_every_call_is_granted_and_every_grant_is_called(recorder: Recorder) -> None:
    exercise(recorder.store)
    assert recorder.calls == granted()


def test_every_method_of_the_store_is_exercised(recorder: Recorder) -> None:
    public = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if not name.startswith("_")}
    assert exercise(recorder.store) == public


def test_a_call_that_is_not_granted_would_be_seen(recorder: Recorder) -> None:
    recorder.store._client.describe_table(TableName=TABLE)
    assert recorder.calls - granted() == {("DescribeTable", "DescribeTable", "table")}
