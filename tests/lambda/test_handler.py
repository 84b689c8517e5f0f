"""The operations as a client sees them. The ``api`` fixture also checks every answer against the contract."""

from __future__ import annotations

import base64
import json
from types import ModuleType
from typing import Any

import pytest
from tests.support.events import REQUEST_ID, Context, event
from tests.support.fake_table import TABLE, FakeTable, error

from items import settings


def created(api: Any, **body: Any) -> dict[str, Any]:
    """Create an item and return it."""
    reply = api("POST", "/items", body={"name": "n"} | body)
    assert reply.status == 201
    item: dict[str, Any] = reply.json
    return item


# --- the life of an item


def test_create_read_replace_delete(api: Any) -> None:
    reply = api("POST", "/items", body={"name": "Ladder", "description": "3 m"})
    item = reply.json
    assert reply.outcome == (201, None)
    assert reply.headers["ETag"] == '"1"'
    assert reply.headers["Location"] == f"items/{item['id']}"
    assert "Idempotency-Replayed" not in reply.headers
    assert item == item | {"name": "Ladder", "description": "3 m", "status": "active", "version": 1}
    assert item["created_at"] == item["updated_at"]

    assert api("GET", f"/items/{item['id']}").json == item

    reply = api("PUT", f"/items/{item['id']}", body={"name": "Steps", "status": "archived"})
    assert (reply.status, reply.headers["ETag"]) == (200, '"2"')
    replaced = reply.json
    # What is left out goes back to its default; id and creation stay.
    assert replaced == item | {
        "name": "Steps",
        "description": "",
        "status": "archived",
        "version": 2,
        "updated_at": replaced["updated_at"],
    }
    assert replaced["updated_at"] > item["updated_at"]
    assert api("GET", f"/items/{item['id']}").json == replaced

    assert api("DELETE", f"/items/{item['id']}").status == 204
    for method, body in (("GET", None), ("PUT", {"name": "n"}), ("DELETE", None)):
        assert api(method, f"/items/{item['id']}", body=body).outcome == (404, "not_found")


def test_text_comes_back_exactly(api: Any) -> None:
    texts = {"name": "Ünï ☃ \U0001f600 '\"\\", "description": "a\r\n\tb\x01\x7f\u2028 " * 9}
    item = created(api, **texts)
    assert {name: api("GET", f"/items/{item['id']}").json[name] for name in texts} == texts


def test_a_client_may_choose_the_id_once(api: Any, table: FakeTable) -> None:
    assert created(api, id="my-id_1")["id"] == "my-id_1"
    assert api("POST", "/items", body={"id": "my-id_1", "name": "other"}).outcome == (409, "already_exists")
    assert table.records()["my-id_1"]["name"] == {"S": "n"}
    assert api("DELETE", "/items/my-id_1").status == 204
    assert created(api, id="my-id_1")["version"] == 1


def test_deleting_leaves_nothing_behind(api: Any, table: FakeTable) -> None:
    api("DELETE", f"/items/{created(api)['id']}")
    assert table.records() == {}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_if_match(api: Any, method: str) -> None:
    item = created(api)
    body = {"name": "m"} if method == "PUT" else None

    def send(if_match: str | list[str]) -> Any:
        return api(method, f"/items/{item['id']}", body=body, headers={"if-match": if_match}).outcome

    assert send('"2"') == (412, "version_mismatch")
    for malformed in ("1", '"0"', '"01"', 'W/"1"', '"1", "2"', '"x"', "", '"1"\n', ['"1"', '"1"']):
        assert send(malformed) == (400, "invalid_parameter")
    assert api("GET", f"/items/{item['id']}").json == item
    assert send('"1"') == ((200, None) if method == "PUT" else (204, None))
    if method == "PUT":
        assert send('"1"') == (412, "version_mismatch")
        assert send("*") == (200, None)


def test_if_match_on_an_item_that_is_not_there_is_404(api: Any) -> None:
    for method, body in (("PUT", {"name": "n"}), ("DELETE", None)):
        assert api(method, "/items/no", body=body, headers={"If-Match": '"1"'}).outcome == (404, "not_found")


# --- lists


def pages(api: Any, query: str) -> list[list[str]]:
    """Names on every page."""
    found, cursor = [], ""
    while True:
        reply = api("GET", f"/items?{query}{cursor}").json
        found.append([item["name"] for item in reply["items"]])
        if "next_cursor" not in reply:
            return found
        cursor = f"&cursor={reply['next_cursor']}"


def test_list_is_newest_first_in_full_pages(api: Any) -> None:
    for number in range(7):
        created(api, name=str(number))
    assert pages(api, "limit=3") == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert pages(api, "limit=7") == [["6", "5", "4", "3", "2", "1", "0"]]
    assert pages(api, "") == pages(api, "limit=7")


def test_list_filter_fills_its_pages(api: Any, monkeypatch: pytest.MonkeyPatch, table: FakeTable) -> None:
    monkeypatch.setattr("items.logic.LIST_FILTERED_QUERY_LIMIT", 2)
    for number in range(12):
        created(api, name=str(number), status="archived" if number % 3 == 0 else "active")
    table.sent.clear()
    assert pages(api, "limit=2&status=archived") == [["9", "6"], ["3", "0"]]
    assert set(table.sent) == {"Query"}


def test_list_stops_asking_and_hands_out_a_cursor(api: Any, monkeypatch: pytest.MonkeyPatch, table: FakeTable) -> None:
    monkeypatch.setattr("items.logic.LIST_FILTERED_QUERY_LIMIT", 1)
    created(api, name="oldest", status="archived")
    for _ in range(settings.LIST_MAX_QUERIES):
        created(api)
    table.sent.clear()
    first = api("GET", "/items?status=archived").json
    assert (first["items"], table.sent) == ([], ["Query"] * settings.LIST_MAX_QUERIES)
    second = api("GET", f"/items?status=archived&cursor={first['next_cursor']}").json
    assert [item["name"] for item in second["items"]] == ["oldest"]


def test_list_shows_neither_idempotency_records_nor_tombstones(api: Any, table: FakeTable) -> None:
    item = api("POST", "/items", body={"name": "n"}, headers={"Idempotency-Key": "k"}).json
    assert [one["id"] for one in api("GET", "/items").json["items"]] == [item["id"]]
    api("DELETE", f"/items/{item['id']}")
    assert len(table.records()) == 2
    assert api("GET", "/items").json == {"items": []}


def test_a_cursor_of_another_filter_is_refused(api: Any) -> None:
    for _ in range(2):
        created(api)
    cursor = api("GET", "/items?limit=1").json["next_cursor"]
    assert api("GET", f"/items?status=active&cursor={cursor}").outcome == (400, "invalid_cursor")
    for bad in ("", "x", "A" * 257, cursor[:-2]):
        assert api("GET", f"/items?cursor={bad}").outcome == (400, "invalid_cursor")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "status=gone", "page=2", "limit=1&limit=2"])
def test_bad_list_parameters(api: Any, table: FakeTable, query: str) -> None:
    assert api("GET", f"/items?{query}").outcome == (400, "invalid_parameter")
    assert table.sent == []


# --- requests that are wrong


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 201},
        {"name": "nul \0"},
        {"name": "line\n"},
        {"name": None},
        {"name": 5},
        {"name": "n", "description": "x" * 4001},
        {"name": "n", "description": "nul \0"},
        {"name": "n", "status": "gone"},
        {"name": "n", "version": 3},
        {"name": "n", "id": "idem#1"},
        {"name": "n", "id": "x" * 65},
        {"name": "n", "id": "x\n"},
        [],
        "name",
        None,
        True,
    ],
)
@pytest.mark.parametrize(("method", "url"), [("POST", "/items"), ("PUT", "/items/a")])
def test_bad_bodies(api: Any, table: FakeTable, method: str, url: str, body: Any) -> None:
    reply = api(method, url, body=json.dumps(body), headers={"content-type": "application/json"})
    assert reply.outcome == (400, "invalid_body")
    assert table.sent == []


def test_the_longest_texts_are_taken(api: Any) -> None:
    item = created(api, id="x" * 64, name="\U0001f600" * 200, description="\U0001f600" * 4000)
    assert api("GET", f"/items/{item['id']}").json == item


@pytest.mark.parametrize(("method", "url"), [("POST", "/items"), ("PUT", "/items/a")])
def test_how_a_body_may_arrive(api: Any, method: str, url: str) -> None:
    large, json_type = '"' + "x" * settings.BODY_MAX_BYTES + '"', {"CONTENT-TYPE": "application/json"}
    assert api(method, url).outcome == (400, "invalid_body")
    assert api(method, url, body="{}").outcome == (415, "unsupported_media_type")
    assert api(method, url, body="{}", headers={"Content-Type": "text/xml"}).outcome == (415, "unsupported_media_type")
    assert api(method, url, body=large, headers=json_type).outcome == (413, "body_too_large")
    assert api(method, url, body="{", headers=json_type).outcome == (400, "invalid_body")
    raw = base64.b64encode(b'{"name": "\xff"}').decode()
    assert api(method, url, body=raw, is_base64=True, headers=json_type).outcome == (400, "invalid_body")


def test_a_base64_body_is_decoded(api: Any) -> None:
    raw = base64.b64encode('{"name": "é"}'.encode()).decode()
    reply = api("POST", "/items", body=raw, is_base64=True, headers={"Content-Type": "application/json; charset=utf-8"})
    assert (reply.status, reply.json["name"]) == (201, "é")


@pytest.mark.parametrize("item_id", ["idem%23abc", "a%20b", "a.b", "%C3%A9", "x" * 65])
def test_bad_ids(api: Any, table: FakeTable, item_id: str) -> None:
    assert api("GET", f"/items/{item_id}").outcome == (400, "invalid_parameter")
    assert table.sent == []


def test_an_encoded_id_is_the_same_id(api: Any) -> None:
    item = created(api, id="a-b")
    assert api("GET", "/items/%61%2Db").json == item


@pytest.mark.parametrize(
    ("method", "url"),
    [("GET", "/"), ("PATCH", "/items"), ("POST", "/items/a"), ("GET", "/items/a/b"), ("PUT", "/health")],
)
def test_unknown_routes(api: Any, method: str, url: str) -> None:
    assert api(method, url).outcome == (404, "route_not_found")


def test_location_holds_behind_a_trailing_slash(api: Any) -> None:
    reply = api("POST", "/items/", body={"name": "n", "id": "a"})
    assert reply.headers["Location"] == "a"


# --- health


def test_health_does_not_touch_the_table(api: Any, table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    table.always = error("InternalServerError", 500)
    reply = api("GET", "/health")
    assert reply.outcome == (200, None)
    assert set(reply.json) == {"status", "version"}
    assert table.sent == []


# --- what goes out, to clients and to logs


def test_a_bug_is_a_500_that_says_nothing(
    api: Any, module: ModuleType, monkeypatch: pytest.MonkeyPatch, logs: Any
) -> None:
    def bug(*_: Any) -> None:
        raise ZeroDivisionError(f"in table {TABLE}")

    monkeypatch.setattr(module.service, "get_item", bug)
    reply = api("GET", "/items/a")
    assert reply.outcome == (500, "internal")
    assert reply.json["request_id"] == REQUEST_ID
    assert all(word not in reply.text for word in (TABLE, "ZeroDivision", "Traceback", "service.py"))
    (failure,) = (line for line in logs() if line["message"] == "internal error")
    assert failure["level"] == "ERROR"
    assert failure["request_id"] == REQUEST_ID
    assert "ZeroDivisionError" in failure["exception"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_a_refusal_by_the_table_is_named_in_the_log_only(api: Any, table: FakeTable, code: str, logs: Any) -> None:
    table.faults = [error(code)]
    reply = api("GET", "/items/a")
    assert reply.outcome == (500, "internal")
    assert all(word not in reply.text for word in (TABLE, "arn:", code, "GetItem"))
    (failure,) = (line for line in logs() if line["message"] == "internal error")
    assert failure["error"] == f"StoreError: GetItem was refused: {code}"
    assert table.sent == ["GetItem"]


def test_logs_hold_no_bodies_and_no_keys(
    api: Any, monkeypatch: pytest.MonkeyPatch, logs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
    secrets = {"name": "secret-name", "description": "secret-description"}
    headers = {"Idempotency-Key": "secret-idempotency", "x-api-key": "the-key-itself"}
    item = api("POST", "/items", body=secrets, headers=headers, api_key_id="keyid").json
    api("POST", "/items", body={"name": "n", "secret-property": 1}, headers=headers)
    api("PUT", f"/items/{item['id']}", body=secrets | {"status": "secret-status"})
    out = capsys.readouterr().out + json.dumps(logs())
    assert all(secret not in out for secret in (*secrets.values(), *headers.values(), "secret-"))
    requests = [line for line in logs() if line["message"] == "request"]
    assert [line["status"] for line in requests] == [201, 400, 400]
    assert all(line["request_id"] == REQUEST_ID for line in requests)


def test_metrics_are_embedded_in_the_log(api: Any, table: FakeTable, capsys: pytest.CaptureFixture[str]) -> None:
    table.always = error("InternalServerError", 500)
    api("GET", "/items/a")
    (emf,) = (line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line)
    (directive,) = emf["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Items"
    assert sorted(directive["Dimensions"][0]) == ["environment", "service"]
    assert {metric["Name"]: emf[metric["Name"]] for metric in directive["Metrics"]} == {
        "Requests": [1.0],
        "TableAttempts": [3.0],
        "Unavailable": [1.0],
    }


def test_an_event_from_elsewhere_fails_the_invocation(module: ModuleType, table: FakeTable) -> None:
    """So that it counts in AWS/Lambda Errors, which the first alarm watches."""
    with pytest.raises(KeyError), pytest.warns(UserWarning, match="No application metrics"):
        module.handler({"Records": []}, Context())


def test_the_single_value_fields_do_where_there_are_no_others(module: ModuleType, table: FakeTable) -> None:
    request = event("GET", "/items?limit=x")
    del request["multiValueQueryStringParameters"], request["multiValueHeaders"]
    assert module.handler(request, Context())["statusCode"] == 400
