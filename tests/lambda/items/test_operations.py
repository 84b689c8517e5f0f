"""The operations as a client sees them. The ``api`` fixture also checks every answer against the contract."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.fake_table import SHARDS, FakeTable, error

from items import settings


def created(api: Any, **body: Any) -> dict[str, Any]:
    """Create an item and return it."""
    reply = api("POST", "/items", body={"name": "n"} | body)
    assert reply.status == 201
    item: dict[str, Any] = reply.json
    return item


def test_create_read_replace_delete(api: Any) -> None:
    reply = api("POST", "/items", body={"name": "Ladder", "description": "3 m"})
    item = reply.json
    assert reply.outcome == (201, None)
    assert reply.headers["ETag"].startswith('"1-')
    assert reply.headers["Location"] == f"items/{item['id']}"
    assert "Idempotency-Replayed" not in reply.headers
    assert item == item | {"name": "Ladder", "description": "3 m", "status": "active", "version": 1}
    assert item["created_at"] == item["updated_at"]

    assert api("GET", f"/items/{item['id']}").json == item

    reply = api("PUT", f"/items/{item['id']}", body={"name": "Steps", "status": "archived"})
    assert (reply.status, reply.headers["ETag"][:3]) == (200, '"2-')
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


OTHER = f'"1-{"0" * 8}"'
MALFORMED = (
    "1",
    '"1"',
    f'"0-{"0" * 8}"',
    f'"01-{"0" * 8}"',
    f"W/{OTHER}",
    f"{OTHER}, {OTHER}",
    '"x"',
    "",
    f"{OTHER}\n",
)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_if_match(api: Any, method: str) -> None:
    item = created(api)
    tag = api("GET", f"/items/{item['id']}").headers["ETag"]
    body = {"name": "m"} if method == "PUT" else None

    def send(if_match: str | list[str]) -> Any:
        return api(method, f"/items/{item['id']}", body=body, headers={"if-match": if_match}).outcome

    assert send(OTHER) == (412, "version_mismatch")
    for malformed in (*MALFORMED, [tag, tag]):
        assert send(malformed) == (400, "invalid_parameter")
    assert api("GET", f"/items/{item['id']}").json == item
    assert send(tag) == ((200, None) if method == "PUT" else (204, None))
    if method == "PUT":
        assert send(tag) == (412, "version_mismatch")
        assert send("*") == (200, None)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_tag_of_an_item_that_has_gone_spares_the_next_with_its_id(api: Any, method: str) -> None:
    tag = api("POST", "/items", body={"id": "x", "name": "first"}).headers["ETag"]
    assert api("DELETE", "/items/x").status == 204
    created(api, id="x", name="another")
    body = {"name": "m"} if method == "PUT" else None
    assert api(method, "/items/x", body=body, headers={"If-Match": tag}).outcome == (412, "version_mismatch")
    assert api("GET", "/items/x").json["name"] == "another"


def test_if_match_twice_in_different_spelling_is_twice(api: Any) -> None:
    created(api, id="x")
    reply = api("DELETE", "/items/x", headers={"If-Match": "*", "if-match": "*"})
    assert (reply.outcome, reply.json["detail"]) == (
        (400, "invalid_parameter"), "header parameter If-Match: may be given once.",
    )  # fmt: skip


def test_if_match_on_an_item_that_is_not_there_is_404(api: Any) -> None:
    for method, body in (("PUT", {"name": "n"}), ("DELETE", None)):
        assert api(method, "/items/no", body=body, headers={"If-Match": OTHER}).outcome == (404, "not_found")


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


def test_list_is_newest_first_in_full_pages(api: Any, table: FakeTable) -> None:
    for number in range(7):
        created(api, name=str(number))
    assert pages(api, "limit=3") == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    table.sent.clear()
    assert pages(api, "limit=7") == [["6", "5", "4", "3", "2", "1", "0"]]
    # Each shard is asked once, and the items are read at once; the newest is not there yet to a cheap read.
    assert table.sent == ["Query"] * SHARDS + ["BatchGetItem"] * 2
    assert pages(api, "") == pages(api, "limit=7")


def test_list_by_status_reads_no_other(api: Any, table: FakeTable) -> None:
    for number in range(12):
        created(api, name=str(number), status="archived" if number % 3 == 0 else "active")
    table.sent.clear()
    assert pages(api, "limit=2&status=archived") == [["9", "6"], ["3", "0"]]
    assert table.sent.count("Query") == 2 * SHARDS
    api(
        "PUT",
        f"/items/{api('GET', '/items?limit=1').json['items'][0]['id']}",
        body={"name": "11", "status": "archived"},
    )
    assert pages(api, "status=archived") == [["11", "9", "6", "3", "0"]]
    assert pages(api, "")[0][0] == "11"
    assert "11" not in pages(api, "status=active")[0]


def test_list_fills_a_page_where_items_have_gone_since(api: Any, table: FakeTable) -> None:
    """The index still has their entries; so has it that of an item whose id is another's now."""
    items = [created(api, id=f"i{number}", name=str(number)) for number in range(8)]
    table.lag("everything")
    for number in (7, 5):
        assert api("DELETE", f"/items/{items[number]['id']}").status == 204
    created(api, id="i5", name="another")
    assert pages(api, "limit=3") == [["6", "4", "3"], ["2", "1", "0"]]
    api("PUT", "/items/i4", body={"name": "4", "status": "archived"})
    # Cheap reads see it after one more write.
    api("PUT", "/items/i0", body={"name": "0"})
    assert pages(api, "limit=3&status=active") == [["6", "3", "2"], ["1", "0"]]
    table.lag("nothing")
    assert pages(api, "limit=9") == [["another", "6", "4", "3", "2", "1", "0"]]


def test_list_stops_asking_and_hands_out_a_cursor(api: Any, table: FakeTable) -> None:
    items = [created(api, name=str(number)) for number in range(settings.LIST_MAX_ROUNDS + 1)]
    table.lag("everything")
    for item in items[1:]:
        api("DELETE", f"/items/{item['id']}")
    # Cheap reads see the last deletion after one more write.
    created(api, name="later")
    table.sent.clear()
    first = api("GET", "/items?limit=1").json
    assert (first["items"], table.sent.count("Query")) == ([], settings.LIST_MAX_ROUNDS * SHARDS)
    second = api("GET", f"/items?limit=1&cursor={first['next_cursor']}").json
    assert [item["name"] for item in second["items"]] == ["0"]
    assert "next_cursor" not in second


def test_a_page_with_two_entries_of_an_id_is_read(api: Any, table: FakeTable) -> None:
    """The entry of a deleted item and that of the next with its id; the table refuses a key that it is given twice."""
    created(api, id="x", name="first")
    table.lag("deletions")
    api("DELETE", "/items/x")
    created(api, id="x", name="next")
    assert pages(api, "") == [["next"]]


def test_list_shows_no_idempotency_records(api: Any, table: FakeTable) -> None:
    item = api("POST", "/items", body={"name": "n"}, headers={"Idempotency-Key": "k"}).json
    assert [one["id"] for one in api("GET", "/items").json["items"]] == [item["id"]]
    api("DELETE", f"/items/{item['id']}")
    assert len(table.records()) == 1
    assert api("GET", "/items").json == {"items": []}


def test_a_client_sees_what_it_has_just_written(api: Any) -> None:
    """The table's reads are stale by one write unless they ask to be consistent."""
    item = created(api)
    assert api("GET", f"/items/{item['id']}").json == item
    replaced = api("PUT", f"/items/{item['id']}", body={"name": "m"}).json
    assert api("GET", f"/items/{item['id']}").json == replaced
    api("DELETE", f"/items/{item['id']}")
    assert api("GET", f"/items/{item['id']}").outcome == (404, "not_found")


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


# --- health


def test_health_does_not_touch_the_table(api: Any, table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    table.always = error("InternalServerError", 500)
    reply = api("GET", "/health")
    assert reply.outcome == (200, None)
    assert set(reply.json) == {"status", "version"}
    assert table.sent == []
