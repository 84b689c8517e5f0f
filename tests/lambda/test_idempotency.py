"""Idempotency keys: one creation a key, whoever retries, races, dies or deletes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.fake_table import (
    FakeTable,
    fine,
    reset,
)

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


def test_a_retry_finishes_what_died_between_record_and_item(api: Any, table: FakeTable) -> None:
    table.faults = [fine, reset, reset, reset]
    assert api("POST", "/items", body=BODY, headers=KEY).outcome == (503, "unavailable")
    assert table.items() == []
    reply = api("POST", "/items", body=BODY, headers=KEY)
    (record,) = (record for name, record in table.records().items() if name.startswith(CLAIM_PREFIX))
    assert (reply.status, reply.json["id"]) == (201, record["item_id"]["S"])
    assert len(table.items()) == 1


def test_two_at_once_create_one_item(api: Any, table: FakeTable) -> None:
    """The second comes between the first one's record and its item, and wins."""
    answers = []

    def meanwhile(_: str) -> None:
        if len(table.sent) == 2:
            table.before = None
            answers.append(api("POST", "/items", body=BODY, headers=KEY))

    table.before = meanwhile
    answers.append(api("POST", "/items", body=BODY, headers=KEY))
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert len(table.items()) == 1


def test_a_deleted_item_does_not_come_back(api: Any, table: FakeTable) -> None:
    first = api("POST", "/items", body=BODY, headers=KEY)
    assert api("DELETE", f"/items/{first.json['id']}").status == 204
    again = api("POST", "/items", body=BODY, headers=KEY)
    assert (again.status, again.json) == (201, first.json)
    for method, body in (("GET", None), ("PUT", BODY), ("DELETE", None)):
        assert api(method, f"/items/{first.json['id']}", body=body).outcome == (404, "not_found")
    assert table.items() == []
    # What is left of it says nothing and goes with the TTL.
    tombstone = table.records()[first.json["id"]]
    assert set(tombstone) == {
        "id", "created_at", "create_token", "replay_until", "deleted_at", "delete_token", "expires_at",
    }  # fmt: skip


def test_a_deleted_item_does_not_come_back_by_a_request_that_was_under_way(api: Any, table: FakeTable) -> None:
    """The first is slow between record and item; a retry overtakes it, succeeds, and the item is deleted."""

    def meanwhile(_: str) -> None:
        if len(table.sent) == 2:
            table.before = None
            item = api("POST", "/items", body=BODY, headers=KEY).json
            assert api("DELETE", f"/items/{item['id']}").status == 204

    table.before = meanwhile
    assert api("POST", "/items", body=BODY, headers=KEY).status == 201
    assert table.items() == []


def test_a_deleted_items_id_is_free_again(api: Any, table: FakeTable) -> None:
    api("POST", "/items", body=BODY | {"id": "a"}, headers=KEY)
    api("DELETE", "/items/a")
    assert api("POST", "/items", body={"name": "new", "id": "a"}).outcome == (201, None)
    assert api("GET", "/items/a").json["name"] == "new"
    assert "deleted_at" not in table.records()["a"] and "expires_at" not in table.records()["a"]


def test_an_expired_record_counts_as_gone(api: Any, table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB may take days to delete it."""
    monkeypatch.setattr("items.logic.IDEMPOTENCY_SECONDS", -1)
    first = api("POST", "/items", body=BODY, headers=KEY)
    second = api("POST", "/items", body={"name": "other"}, headers=KEY)
    assert [first.status, second.status] == [201, 201]
    assert "Idempotency-Replayed" not in second.headers
    assert len(table.items()) == 2
    # Nor does an item remember a key that has expired: it is deleted for good.
    assert api("DELETE", f"/items/{first.json['id']}").status == 204
    assert first.json["id"] not in table.records()


def test_records_expire_a_day_later(api: Any, table: FakeTable) -> None:
    item = api("POST", "/items", body=BODY, headers=KEY).json
    record = next(record for name, record in table.records().items() if name.startswith(CLAIM_PREFIX))
    assert "collection" not in record
    assert table.records()[item["id"]]["replay_until"] == record["expires_at"]
    assert "expires_at" not in table.records()[item["id"]]
