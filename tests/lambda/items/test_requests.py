"""How a request may look, and how it may not: refused before the table is asked."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tests.support.fake_table import FakeTable

from rest.body import BODY_MAX_BYTES


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
    item = api(
        "POST", "/items", body={"id": "x" * 64, "name": "\U0001f600" * 200, "description": "\U0001f600" * 4000}
    ).json
    assert api("GET", f"/items/{item['id']}").json == item


@pytest.mark.parametrize(("method", "url"), [("POST", "/items"), ("PUT", "/items/a")])
def test_how_a_body_may_arrive(api: Any, method: str, url: str) -> None:
    large, json_type = '"' + "x" * BODY_MAX_BYTES + '"', {"CONTENT-TYPE": "application/json"}
    assert api(method, url).outcome == (400, "invalid_body")
    assert api(method, url, body="{}").outcome == (415, "unsupported_media_type")
    assert api(method, url, body="{}", headers={"Content-Type": "text/xml"}).outcome == (415, "unsupported_media_type")
    assert api(method, url, body=large, headers=json_type).outcome == (413, "body_too_large")
    assert api(method, url, body="{", headers=json_type).outcome == (400, "invalid_body")
    for no_text in (b"\xff", b"\xed\xa0\x80"):
        raw = base64.b64encode(b'{"name": "%s"}' % no_text).decode()
        assert api(method, url, body=raw, is_base64=True, headers=json_type).outcome == (400, "invalid_body")
        # Where the type is not a binary one the gateway has put U+FFFD before the function sees it.
        replaced = b'{"name": "%s"}' % no_text
        reply = api(method, url, body=replaced.decode("utf-8", "replace"), headers=json_type)
        assert reply.outcome == (400, "invalid_body")
        assert reply.json["detail"] == r"The body is not valid UTF-8 (write the character U+FFFD as \ufffd)."
    twice = {"Content-Type": ["application/json", "application/json"]}
    assert api(method, url, body="{}", headers=twice).outcome == (415, "unsupported_media_type")


def test_a_base64_body_is_decoded(api: Any) -> None:
    raw = base64.b64encode('{"name": "é"}'.encode()).decode()
    reply = api("POST", "/items", body=raw, is_base64=True, headers={"Content-Type": "application/json; charset=utf-8"})
    assert (reply.status, reply.json["name"]) == (201, "é")


def test_the_replacement_character_is_a_clients_own_where_its_bytes_are_known(api: Any) -> None:
    raw = base64.b64encode('{"name": "\ufffd"}'.encode()).decode()
    reply = api("POST", "/items", body=raw, is_base64=True, headers={"Content-Type": "application/json"})
    assert (reply.status, reply.json["name"]) == (201, "\ufffd")


def test_the_replacement_character_may_be_written_as_an_escape(api: Any) -> None:
    body, headers = r'{"name": "\ufffd"}', {"Content-Type": "application/json"}
    assert api("POST", "/items", body=body, headers=headers).json["name"] == "\ufffd"


@pytest.mark.parametrize(
    "item_id",
    [
        "idem%23abc", "a%20b", "a.b", "%C3%A9", "x" * 65, "aaa%0A", "%00", "%2E%2E", "a%2Fb", "a%252Db", "%ED%A0%80",
        "%FF", "%zz", "a+b",
    ],
)  # fmt: skip
def test_bad_ids(api: Any, table: FakeTable, item_id: str) -> None:
    assert api("GET", f"/items/{item_id}").outcome == (400, "invalid_parameter")
    assert table.sent == []


def test_an_encoded_id_is_the_same_id(api: Any) -> None:
    item = api("POST", "/items", body={"id": "a-b", "name": "n"}).json
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
