"""Probe of gap_raw_path."""

from __future__ import annotations

import socket

import pytest
from tests.local.gaps.conftest import Stack


def _paths(event: dict[str, object]) -> tuple[object, object, object]:
    context = event["requestContext"]
    assert isinstance(context, dict)
    return event["path"], context["path"], event["pathParameters"]


def test_stock_still_decodes_the_path(stock_stack: Stack) -> None:
    event = stock_stack.event("/do/a%0A%22")
    assert _paths(event) == (path := '/do/a\n"', "/v1" + path, {"kind": 'a\n"'}), (
        "upstream hands paths over as they came: delete gap_raw_path"
    )
    assert stock_stack.exactly("/do/a%2Fb").status == 403


@pytest.mark.parametrize(
    "segment",
    [
        "a%2Fb",
        "a%0A%22%00",
        "%E2%82%AC",
        "%ff",
        "%252F",
        "a+b",
        "a%2bb",
        "%zz",
        "100%",
        "%2E%2E",
        ".",
        "..",
        ";x=1,@:$",
    ],
)
def test_a_segment_reaches_the_function_as_it_came(filled_stack: Stack, segment: str) -> None:
    path = f"/do/{segment}"
    assert _paths(filled_stack.event(path)) == (path, "/v1" + path, {"kind": segment})


def test_what_may_not_stand_in_a_path_is_encoded(filled_stack: Stack) -> None:
    path = "/do/%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D%23"
    assert _paths(filled_stack.event('/do/"<>\\^`{|}[]#')) == (path, "/v1" + path, {"kind": path.removeprefix("/do/")})


@pytest.mark.parametrize("byte", [b"\x00", b"\x0b", b"\x1f", b"\x7f", b"\x80", b"\xff"])
def test_control_characters_and_bytes_above_ascii_are_refused(filled_stack: Stack, byte: bytes) -> None:
    local, api = filled_stack.emulator.local, filled_stack.api_id
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as connection:
        connection.sendall(
            b"GET /restapis/" + api.encode() + b"/v1/_user_request_/do/a" + byte + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        assert connection.recv(1000).split(b"\r\n")[0].startswith(b"HTTP/1.1 400")


def test_segments_of_the_api_are_matched_by_their_characters(filled_stack: Stack) -> None:
    assert filled_stack.exactly("/do/ok").status == 200
    for path in ("/%64o/ok", "/do%2Fok", "/do/../do/ok", "/./do/ok"):
        assert filled_stack.exactly(path).status == 403


def test_slashes_at_either_end_do_not_count(filled_stack: Stack) -> None:
    assert _paths(filled_stack.event("/do/ok/")) == ("/do/ok/", "/v1/do/ok/", {"kind": "ok"})
    assert _paths(filled_stack.event("//do/ok")) == ("/do/ok", "/v1//do/ok", {"kind": "ok"})


def test_an_api_is_addressed_by_its_host_as_well(filled_stack: Stack) -> None:
    host = ("Host", f"{filled_stack.api_id}.execute-api.localhost:{filled_stack.emulator.local.port}")
    answer = filled_stack.emulator.exactly("/v1/do/a%2Fb", [host, ("x-echo", "1")])
    assert (answer.status, '"kind": "a%2Fb"' in answer.body) == (200, True)
    assert filled_stack.emulator.exactly("/%761/do/ok", [host]).status == 403


def test_the_local_address_in_escapes_leads_nowhere(filled_stack: Stack) -> None:
    api = filled_stack.api_id
    for path in (f"/%72estapis/{api}/v1/_user_request_/do/ok", f"/restapis/{api}/v1/%5Fuser_request_/do/ok"):
        assert filled_stack.emulator.exactly(path).status == 403
