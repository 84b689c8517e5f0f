"""Idempotency keys: one creation a key, whoever retries, races, dies or deletes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.fake_table import TABLE, FakeTable, fine, lost_reply, reset

from items.logic import CLAIM_PREFIX

KEY = {"Idempotency-Key": "k"}
BODY = {"name": "n"}


def test_a_key_replays_the_first_answer(api: Any, table: FakeTable) -> None:
    first = api("POST", "/items", body=BODY, headers=KEY)
    api("PUT", f"/items/{first.json['id']}", body={"name": "changed"})
    second = api("POST", "/items", body=BODY, headers=KEY)
    assert (second.status, second.json) == (201, first.json)
    assert second.headers == first.headers | {"Idempotency-Replayed": "true"}
    assert [item["name"]["S"] for item in table.items()] == ["changed"]


def test_a_key_belongs_to_one_body_and_to_one_caller(api: Any, table: FakeTable) -> None:
    api("POST", "/items", body=BODY, headers=KEY, api_key_id="alice")
    conflict = api("POST", "/items", body={"name": "other"}, headers=KEY, api_key_id="alice")
    assert conflict.outcome == (409, "idempotency_conflict")
    bob = api("POST", "/items", body={"name": "other"}, headers=KEY, api_key_id="bob")
    assert (bob.status, "Idempotency-Replayed" in bob.headers) == (201, False)
    # The defaults filled in are the same body as the defaults left out.
    same = api("POST", "/items", body=BODY | {"status": "active"}, headers=KEY, api_key_id="alice")
    assert same.status == 201
    assert len(table.items()) == 2


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 129, ["a", "b"]])
def test_bad_keys(api: Any, table: FakeTable, key: str | list[str]) -> None:
    assert api("POST", "/items", body=BODY, headers={"idempotency-key": key}).outcome == (400, "invalid_parameter")
    assert table.sent == []


def test_a_retry_finds_nothing_of_a_request_that_was_not_stored(api: Any, table: FakeTable) -> None:
    table.faults = [reset, reset, reset]
    assert api("POST", "/items", body=BODY, headers=KEY).outcome == (503, "unavailable")
    assert table.records() == {}
    assert "Idempotency-Replayed" not in api("POST", "/items", body=BODY, headers=KEY).headers
    assert len(table.items()) == 1


def test_two_at_once_create_one_item(api: Any, table: FakeTable) -> None:
    """The second comes just before the first one's write, and wins."""
    answers = []

    def meanwhile(_: str) -> None:
        table.before = None
        answers.append(api("POST", "/items", body=BODY, headers=KEY))

    table.before = meanwhile
    answers.append(api("POST", "/items", body=BODY, headers=KEY))
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    assert len(table.items()) == 1


def test_a_deleted_item_does_not_come_back(api: Any, table: FakeTable) -> None:
    first = api("POST", "/items", body=BODY, headers=KEY)
    assert api("DELETE", f"/items/{first.json['id']}").status == 204
    again = api("POST", "/items", body=BODY, headers=KEY)
    assert (again.status, again.json) == (201, first.json)
    for method, body in (("GET", None), ("PUT", BODY), ("DELETE", None)):
        assert api(method, f"/items/{first.json['id']}", body=body).outcome == (404, "not_found")
    assert table.items() == []


@pytest.mark.parametrize("second_key", [{}, {"Idempotency-Key": "other"}])
def test_a_key_outlives_every_item_with_its_id(api: Any, table: FakeTable, second_key: dict[str, str]) -> None:
    """POST x with a key, DELETE, POST x without or with another, DELETE: the first key's retry brings nothing back."""
    body = BODY | {"id": "x"}
    first = api("POST", "/items", body=body, headers=KEY)
    assert api("DELETE", "/items/x").status == 204
    assert api("POST", "/items", body=body | {"name": "second"}, headers=second_key).status == 201
    while_it_lives = api("POST", "/items", body=body, headers=KEY)
    assert (while_it_lives.status, while_it_lives.json) == (201, first.json)
    assert api("GET", "/items/x").json["name"] == "second"
    assert api("DELETE", "/items/x").status == 204
    again = api("POST", "/items", body=body, headers=KEY)
    assert (again.status, again.json) == (201, first.json)
    assert api("GET", "/items/x").outcome == (404, "not_found")


def test_a_first_conflict_stays_the_answer_when_the_id_is_free(api: Any, table: FakeTable) -> None:
    body = BODY | {"id": "x"}
    assert api("POST", "/items", body=body).status == 201
    assert api("POST", "/items", body=body, headers=KEY).outcome == (409, "already_exists")
    assert api("DELETE", "/items/x").status == 204
    assert api("POST", "/items", body=body, headers=KEY).outcome == (409, "already_exists")
    assert table.items() == []


def test_a_twin_that_was_told_otherwise_decides(api: Any, table: FakeTable) -> None:
    """The id is taken, then freed before that can be recorded, and a twin with the same key creates the item."""
    body = BODY | {"id": "x"}
    api("POST", "/items", body=body)
    table.sent.clear()

    def meanwhile(operation: str) -> None:
        if operation == "PutItem":
            table.before = None
            assert api("DELETE", "/items/x").status == 204
            assert api("POST", "/items", body=body, headers=KEY).status == 201

    table.before = meanwhile
    assert api("POST", "/items", body=body, headers=KEY).status == 201
    assert len(table.items()) == 1


def test_a_conflict_whose_recording_lost_its_reply_is_a_conflict(api: Any, table: FakeTable) -> None:
    api("POST", "/items", body=BODY | {"id": "x"})
    table.faults = [fine, lost_reply]
    assert api("POST", "/items", body=BODY | {"id": "x"}, headers=KEY).outcome == (409, "already_exists")


def test_a_deleted_items_id_is_free_again(api: Any, table: FakeTable) -> None:
    api("POST", "/items", body=BODY | {"id": "a"}, headers=KEY)
    api("DELETE", "/items/a")
    assert "a" not in table.records()
    assert api("POST", "/items", body={"name": "new", "id": "a"}).outcome == (201, None)
    assert api("GET", "/items/a").json["name"] == "new"


def test_an_expired_record_counts_as_gone(api: Any, table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB may take days to delete it."""
    monkeypatch.setattr("items.logic.IDEMPOTENCY_SECONDS", -1)
    first = api("POST", "/items", body=BODY, headers=KEY)
    second = api("POST", "/items", body={"name": "other"}, headers=KEY)
    assert [first.status, second.status] == [201, 201]
    assert "Idempotency-Replayed" not in second.headers
    assert len(table.items()) == 2


def test_records_expire_a_day_later(api: Any, table: FakeTable) -> None:
    before = time.time()
    item = api("POST", "/items", body=BODY, headers=KEY).json
    record = next(record for name, record in table.records().items() if name.startswith(CLAIM_PREFIX))
    assert "collection" not in record
    assert 0 <= int(record["expires_at"]["N"]) - int(before) - 24 * 3600 <= time.time() - before + 1
    assert "expires_at" not in table.records()[item["id"]]


def put(table: FakeTable, record: dict[str, Any]) -> None:
    """Store a record past the service."""
    table.client.put_item(TableName=TABLE, Item=record)


def test_a_key_recorded_by_the_version_before_is_answered(api: Any, table: FakeTable) -> None:
    """It wrote no outcome: what it recorded was created, but for a request that died in between."""
    first = api("POST", "/items", body=BODY, headers=KEY)
    (claim,) = (record for name, record in table.records().items() if name.startswith(CLAIM_PREFIX))
    put(table, {name: value for name, value in claim.items() if name != "created"})
    again = api("POST", "/items", body=BODY, headers=KEY)
    assert (again.status, again.json) == (201, first.json)


def test_a_tombstone_of_the_version_before_is_no_item(api: Any, table: FakeTable) -> None:
    tombstone = {"id": {"S": "x"}, "created_at": {"S": "2026"}, "deleted_at": {"S": "2026"}, "expires_at": {"N": "9"}}
    put(table, tombstone)
    for method, body in (("GET", None), ("PUT", BODY), ("DELETE", None)):
        assert api(method, "/items/x", body=body).outcome == (404, "not_found")
    assert api("POST", "/items", body=BODY | {"id": "x"}).status == 201
    assert "deleted_at" not in table.records()["x"] and "expires_at" not in table.records()["x"]


def test_a_record_counts_as_gone_in_the_second_it_expires(
    api: Any, table: FakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("items.service.datetime", SimpleNamespace(now=lambda _: datetime(2026, 1, 1, tzinfo=UTC)))
    monkeypatch.setattr("items.logic.IDEMPOTENCY_SECONDS", 0)
    api("POST", "/items", body=BODY, headers=KEY)
    assert "Idempotency-Replayed" not in api("POST", "/items", body=BODY, headers=KEY).headers
    assert len(table.items()) == 2
