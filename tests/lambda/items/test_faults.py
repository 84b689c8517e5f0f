"""Lost replies, races, throttling, hanging: the service on a bad day. Every fault is on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.fake_table import (
    SHARDS,
    Clock,
    FakeTable,
    Fault,
    cancelled,
    error,
    fine,
    garbage,
    lost_reply,
    no_connection,
    reset,
    throttled,
    unprocessed,
)

from items import settings

KEY = {"Idempotency-Key": "k"}
BODY = {"name": "n"}
LAMBDA_TIMEOUT_SECONDS = 10  # of both environments


# --- a reply is lost and the SDK asks again


def test_create_after_a_lost_reply_is_no_conflict(api: Any, table: FakeTable) -> None:
    table.faults = [lost_reply]
    assert api("POST", "/items", body=BODY | {"id": "a"}).outcome == (201, None)
    assert table.sent == ["TransactWriteItems"] * 2
    assert api("POST", "/items", body=BODY | {"id": "a"}).outcome == (409, "already_exists")


@pytest.mark.parametrize("faults", [[lost_reply], [reset, lost_reply], [lost_reply, lost_reply]])
def test_create_with_a_key_after_a_lost_reply_is_the_first(api: Any, table: FakeTable, faults: list[Fault]) -> None:
    table.faults = list(faults)
    reply = api("POST", "/items", body=BODY, headers=KEY)
    assert reply.outcome == (201, None)
    assert "Idempotency-Replayed" not in reply.headers
    assert len(table.items()) == 1


@pytest.mark.parametrize("conditional", [False, True])
def test_replace_after_a_lost_reply_counts_once(api: Any, table: FakeTable, conditional: bool) -> None:
    tag = api("POST", "/items", body=BODY | {"id": "a"}).headers["ETag"]
    table.faults = [fine, lost_reply]
    reply = api("PUT", "/items/a", body={"name": "m"}, headers={"If-Match": tag} if conditional else {})
    assert (reply.status, reply.json["version"]) == (200, 2)
    assert api("GET", "/items/a").json == reply.json


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("key", [{}, KEY])
def test_delete_after_a_lost_reply_is_done(api: Any, table: FakeTable, conditional: bool, key: dict[str, str]) -> None:
    tag = api("POST", "/items", body=BODY | {"id": "a"}, headers=key).headers["ETag"]
    table.faults = [fine, lost_reply]
    assert api("DELETE", "/items/a", headers={"If-Match": tag} if conditional else {}).outcome == (204, None)
    assert table.items() == []
    assert api("DELETE", "/items/a").outcome == (404, "not_found")


@pytest.mark.parametrize("conditional", [False, True])
def test_a_replacement_sent_again_spares_what_another_wrote_meanwhile(
    api: Any, table: FakeTable, conditional: bool
) -> None:
    """The first try replaces, its reply is lost, another replaces, the second try comes."""
    tag = api("POST", "/items", body=BODY | {"id": "a"}).headers["ETag"]

    def meanwhile(_: str) -> None:
        if len(table.sent) == 3:
            table.before = None
            assert api("PUT", "/items/a", body={"name": "another"}).json["version"] == 3

    table.sent.clear()
    table.faults, table.before = [fine, lost_reply], meanwhile
    reply = api("PUT", "/items/a", body={"name": "m"}, headers={"If-Match": tag} if conditional else {})
    assert (reply.status, reply.json["name"], reply.json["version"]) == (200, "m", 2)
    found = api("GET", "/items/a").json
    assert (found["name"], found["version"]) == ("another", 3)


def test_a_replacement_overtaken_by_another_follows_it(api: Any, table: FakeTable) -> None:
    api("POST", "/items", body=BODY | {"id": "a"})

    def meanwhile(operation: str) -> None:
        if operation == "TransactWriteItems":
            table.before = None
            assert api("PUT", "/items/a", body={"name": "another"}).json["version"] == 2

    table.before = meanwhile
    reply = api("PUT", "/items/a", body={"name": "m"})
    assert (reply.status, reply.json["version"]) == (200, 3)
    assert api("GET", "/items/a").json == reply.json


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_that_is_always_overtaken_is_503(api: Any, table: FakeTable, method: str) -> None:
    api("POST", "/items", body=BODY | {"id": "a"})
    inside: list[bool] = []

    def meanwhile(operation: str) -> None:
        if operation == "TransactWriteItems" and not inside:
            inside.append(True)
            assert api("PUT", "/items/a", body={"name": "another"}).status == 200
            inside.clear()

    table.before = meanwhile
    assert api(method, "/items/a", body=BODY if method == "PUT" else None).outcome == (503, "unavailable")
    assert api("GET", "/items/a").json["version"] == 1 + settings.WRITE_TRIES


# --- the table is throttled, broken, gone


@pytest.mark.parametrize("fault", [throttled, reset, no_connection, error("InternalServerError", 500)])
def test_two_faults_are_ridden_out(api: Any, table: FakeTable, fault: Fault) -> None:
    table.faults = [fault, fault]
    assert api("POST", "/items", body=BODY).status == 201
    assert table.sent == ["TransactWriteItems"] * settings.SDK_MAX_ATTEMPTS


@pytest.mark.parametrize(
    "fault",
    [
        throttled,
        error("ProvisionedThroughputExceededException"),
        error("RequestLimitExceeded"),
        error("InternalServerError", 500),
        error("ServiceUnavailable", 503),
        reset,
        no_connection,
    ],
)
@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", "/items", None),
        ("GET", "/items/a", None),
        ("POST", "/items", BODY),
        ("PUT", "/items/a", BODY),
        ("DELETE", "/items/a", None),
    ],
)
def test_a_table_that_stays_down_is_503(
    api: Any, table: FakeTable, fault: Fault, method: str, url: str, body: Any
) -> None:
    table.always = fault
    reply = api(method, url, body=body)
    assert reply.outcome == (503, "unavailable")
    assert int(reply.headers["Retry-After"]) >= 1
    assert len(table.sent) == settings.SDK_MAX_ATTEMPTS
    assert "arn:" not in reply.text


@pytest.mark.parametrize(
    ("method", "url", "body", "operation"),
    [
        ("POST", "/items", BODY, "TransactWriteItems"),
        ("PUT", "/items/a", BODY, "TransactWriteItems"),
        ("DELETE", "/items/a", None, "TransactWriteItems"),
    ],
)
def test_a_write_waits_for_another_of_the_same_item(
    api: Any, table: FakeTable, clock: Clock, method: str, url: str, body: Any, operation: str
) -> None:
    api("POST", "/items", body=BODY | {"id": "a"})
    read = [] if method == "POST" else ["GetItem"]
    table.sent.clear()
    table.faults = [fine] * len(read) + [cancelled("TransactionConflict")] * 2
    assert api(method, url, body=body).status < 300
    assert table.sent == [*read, *[operation] * 3]
    assert 0 < clock.now < 2 * settings.CONFLICT_BACKOFF_SECONDS
    table.sent.clear()
    table.faults = [cancelled("TransactionConflict")] * settings.SDK_MAX_ATTEMPTS
    assert api("POST", "/items", body=BODY).outcome == (503, "unavailable")
    assert table.sent == ["TransactWriteItems"] * settings.SDK_MAX_ATTEMPTS


@pytest.mark.parametrize("reasons", [["None", "ThrottlingError"], ["ProvisionedThroughputExceeded", "None"]])
def test_a_transaction_is_sent_again_while_the_table_is_throttled(
    api: Any, table: FakeTable, clock: Clock, monkeypatch: pytest.MonkeyPatch, reasons: list[str]
) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    table.faults = [cancelled(*reasons)] * 2
    assert api("POST", "/items", body=BODY, headers=KEY).status == 201
    # As long as the SDK waits by itself when a call is throttled.
    assert (table.sent, clock.now) == (["TransactWriteItems"] * 3, 1.0 + 2.0)
    table.always = cancelled(*reasons)
    assert api("POST", "/items", body=BODY).outcome == (503, "unavailable")
    assert len(table.sent) == 3 + settings.SDK_MAX_ATTEMPTS


@pytest.mark.parametrize(
    "code", ["TransactionInProgressException", "TransactionConflictException", "RequestTimeoutException"]
)
def test_what_passes_by_itself_is_503_after_all_tries(api: Any, table: FakeTable, code: str) -> None:
    table.always = error(code)
    assert api("POST", "/items", body=BODY).outcome == (503, "unavailable")
    assert len(table.sent) == settings.SDK_MAX_ATTEMPTS


@pytest.mark.parametrize("key", [{}, KEY])
def test_a_delete_sent_again_spares_an_item_made_meanwhile(api: Any, table: FakeTable, key: dict[str, str]) -> None:
    """The first try deletes, its reply is lost, somebody makes another item with the id, the second try comes."""
    api("POST", "/items", body=BODY | {"id": "a"}, headers=key)

    def meanwhile(_: str) -> None:
        if len(table.sent) == 3:
            table.before = None
            assert api("POST", "/items", body={"id": "a", "name": "another"}).status == 201

    table.sent.clear()
    table.faults, table.before = [fine, lost_reply], meanwhile
    assert api("DELETE", "/items/a").outcome == (204, None)
    assert api("GET", "/items/a").json["name"] == "another"


def test_a_page_from_something_in_between_is_503(api: Any, table: FakeTable) -> None:
    table.always = garbage
    assert api("GET", "/items/a").outcome == (503, "unavailable")


# --- the table hangs


@pytest.mark.parametrize(
    ("method", "url", "parts"),
    [
        ("GET", "/items", {}),
        ("GET", "/items?status=active", {}),
        ("GET", "/items/a", {}),
        ("POST", "/items", {"body": BODY, "headers": KEY}),
        ("PUT", "/items/a", {"body": BODY}),
        ("DELETE", "/items/a", {}),
    ],
)
@pytest.mark.parametrize("first_calls", [0, 1, 2, 3, 4])
def test_a_table_that_hangs_is_504_in_time(
    api: Any, table: FakeTable, clock: Clock, method: str, url: str, parts: dict[str, Any], first_calls: int
) -> None:
    """Also when the time is already half gone, and when the SDK sleeps as long as it may."""
    table.faults = [fine] * first_calls
    table.always = clock.hang(settings.SDK_CONNECT_TIMEOUT_SECONDS + settings.SDK_READ_TIMEOUT_SECONDS)
    before = clock.now
    reply = api(method, url, **parts)
    if len(table.sent) > first_calls:
        assert reply.outcome == (504, "timeout")
    assert clock.now - before < LAMBDA_TIMEOUT_SECONDS


@pytest.mark.parametrize("remaining_seconds", [3.0, 4.0, 5.5, 7.0, 8.5])
def test_no_attempt_outlives_the_deadline(
    api: Any, table: FakeTable, clock: Clock, monkeypatch: pytest.MonkeyPatch, remaining_seconds: float
) -> None:
    """The SDK's longest sleeps, from whatever time is left: the answer comes before Lambda kills the function."""
    monkeypatch.setattr("random.random", lambda: 1.0)
    table.always = clock.hang(settings.SDK_CONNECT_TIMEOUT_SECONDS + settings.SDK_READ_TIMEOUT_SECONDS)
    reply = api("GET", "/items/a", remaining_ms=int(remaining_seconds * 1000))
    assert reply.outcome == (504, "timeout")
    assert clock.now <= remaining_seconds - 0.4
    assert len(table.sent) <= settings.SDK_MAX_ATTEMPTS


def test_a_write_that_hung_can_be_asked_for_again(api: Any, table: FakeTable, clock: Clock) -> None:
    table.faults = [clock.hang(1.4)] * 3
    assert api("POST", "/items", body=BODY, headers=KEY).outcome == (504, "timeout")
    assert api("POST", "/items", body=BODY, headers=KEY).status == 201
    assert len(table.items()) == 1


def test_a_slow_list_is_short_rather_than_late(api: Any, table: FakeTable, clock: Clock) -> None:
    """Most of the page's items have gone; finding more would take another round of calls."""
    made = [api("POST", "/items", body=BODY).json["id"] for _ in range(6)]
    table.lag("everything")
    for gone in made[-2:]:
        api("DELETE", f"/items/{gone}")
    api("POST", "/items", body=BODY)

    def slow(send: Any) -> Any:
        clock.sleep(0.85)
        return send()

    table.always = slow
    reply = api("GET", "/items?limit=3", remaining_ms=8000)
    assert reply.status == 200
    assert [item["id"] for item in reply.json["items"]] == [made[3]]
    assert "next_cursor" in reply.json


# --- a page's items are read at once


def test_what_a_batch_leaves_out_is_asked_for_again(
    api: Any, table: FakeTable, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    made = [api("POST", "/items", body=BODY).json["id"] for _ in range(5)]
    api("DELETE", f"/items/{made.pop()}")
    table.sent.clear()
    table.faults = [fine] * SHARDS + [unprocessed(1), unprocessed(2)]
    assert [item["id"] for item in api("GET", "/items").json["items"]] == made[::-1]
    # As long as the SDK waits by itself when a call is throttled.
    assert (table.sent, clock.now) == (["Query"] * SHARDS + ["BatchGetItem"] * 3, 1.0 + 2.0)


def test_a_batch_that_is_never_whole_is_503(api: Any, table: FakeTable) -> None:
    api("POST", "/items", body=BODY)
    api("POST", "/items", body=BODY)
    table.sent.clear()
    table.faults = [fine] * SHARDS
    table.always = unprocessed(0)
    assert api("GET", "/items").outcome == (503, "unavailable")
    assert table.sent == ["Query"] * SHARDS + ["BatchGetItem"] * settings.SDK_MAX_ATTEMPTS


def test_a_batch_is_not_asked_for_again_when_no_time_is_left(api: Any, table: FakeTable, clock: Clock) -> None:
    api("POST", "/items", body=BODY)
    api("POST", "/items", body=BODY)
    table.sent.clear()

    def slow(send: Any) -> Any:
        clock.sleep(1.0)
        return unprocessed(0)(send)

    table.faults = [fine] * SHARDS
    table.always = slow
    assert api("GET", "/items", remaining_ms=4800).outcome == (503, "unavailable")
    assert table.sent == ["Query"] * SHARDS + ["BatchGetItem"]
    assert clock.now == 1.0


@pytest.mark.parametrize("fault", [throttled, error("ProvisionedThroughputExceededException"), reset, no_connection])
@pytest.mark.parametrize("at", range(SHARDS + 1))
@pytest.mark.parametrize("query", ["", "?status=active"])
def test_a_fault_in_any_call_of_a_page_is_ridden_out_or_503(
    api: Any, table: FakeTable, fault: Fault, at: int, query: str
) -> None:
    """Never a page that lacks a shard."""
    made = [api("POST", "/items", body=BODY).json["id"] for _ in range(4)]
    table.faults = [fine] * at + [fault, fault]
    assert [item["id"] for item in api("GET", f"/items{query}").json["items"]] == made[::-1]
    table.faults = [fine] * at + [fault] * settings.SDK_MAX_ATTEMPTS
    assert api("GET", f"/items{query}").outcome == (503, "unavailable")


def test_the_log_says_what_it_was(api: Any, table: FakeTable, logs: Any) -> None:
    table.always = throttled
    api("GET", "/items/a")
    (problem,) = (line for line in logs() if line["message"] == "problem")
    assert problem["level"] == "WARNING"
    assert "ThrottlingException" in problem["cause"]
