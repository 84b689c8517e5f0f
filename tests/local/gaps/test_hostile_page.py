"""A page that its user merely looks at, against the local AWS: it owns a stock one, and gets nowhere with ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.local.gaps.conftest import Emulator, eventually, make_stack
from tests.support.browser import open_browser
from tests.support.signing import PUBLISHED, presigned, role_address, signed_headers

from harness.localaws import control
from harness.localaws.settings import Kind

_SECONDS = 20.0
_PAGE = b"<!doctype html><title>cats</title>"
# What a page has at hand: requests that need no preflight, forms, pictures, sockets. Each tells what it could read.
_READ = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return [answer.type, answer.status, await answer.text()];
  } catch (error) { return ["failed", 0, String(error)]; }
}"""
_POST_FORM = """async (url) => {
  const frame = Object.assign(document.createElement("iframe"), {name: "sink"});
  const form = Object.assign(document.createElement("form"), {method: "post", action: url, target: "sink"});
  document.body.append(frame, form);
  const loaded = new Promise((done) => frame.addEventListener("load", done, {once: true}));
  form.submit();
  await loaded;
  frame.remove();
  form.remove();
}"""
_SHOW_PICTURE = """(url) => new Promise((done) => {
  const picture = new Image();
  picture.onload = picture.onerror = done;
  picture.src = url;
})"""
_OPEN_SOCKET = """(url) => new Promise((done) => {
  const socket = new WebSocket(url);
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Any]:
    """A page of another origin, on the same machine: as near as a stranger's page can come."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(_PAGE)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    opened = browser.new_page()
    opened.goto(f"http://127.0.0.1:{server.server_address[1]}/", wait_until="load")
    yield opened
    opened.close()
    server.shutdown()
    server.server_close()


@pytest.fixture
def attacked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Emulator]:
    """Both kinds, each with a table that its user wants to keep, a role and an API."""
    running = control.start(tmp_path, None, 60, die_with_parent=True, kind=request.param)
    emulator = Emulator(running)
    emulator.client("dynamodb").create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield emulator
    control.stop(running)


def _outcome(page: Any, emulator: Emulator) -> dict[str, Any]:
    """Attack in every way; return what came of it, as the local AWS's user and as the page see it."""
    endpoint = emulator.local.endpoint
    iam, tables = emulator.client("iam"), emulator.client("dynamodb")
    simple = {"method": "POST", "mode": "no-cors", "headers": {"content-type": "text/plain"}}
    signed_read = page.evaluate(_READ, [role_address(PUBLISHED, endpoint, "by-reading"), {"method": "POST"}])
    page.evaluate(_READ, [role_address(PUBLISHED, endpoint, "by-fetch"), simple])
    page.evaluate(_POST_FORM, role_address(PUBLISHED, endpoint, "by-form"))
    bucket = presigned(PUBLISHED, "s3", f"{endpoint}/cats")
    page.evaluate(_SHOW_PICTURE, bucket)
    target = {"x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0"}
    headers = signed_headers(PUBLISHED, "dynamodb", f"{endpoint}/", "POST", b"{}", target)
    preflight = page.evaluate(_READ, [f"{endpoint}/", {"method": "POST", "headers": headers, "body": "{}"}])
    socket = page.evaluate(_OPEN_SOCKET, f"ws://127.0.0.1:{emulator.local.port}/")
    health = page.evaluate(_READ, [f"{endpoint}/_ministack/health", {}])
    roles = {one["RoleName"] for one in iam.list_roles()["Roles"]}
    kept = "kept" in tables.list_tables()["TableNames"]
    page.evaluate(_READ, [f"{endpoint}/_ministack/reset", simple])
    return {
        "read": signed_read[1],
        "roles": roles & {"by-reading", "by-fetch", "by-form"},
        "read after a preflight": preflight[1],
        "socket": socket,
        "health": health[1],
        "kept before the reset": kept,
        "kept": "kept" in tables.list_tables()["TableNames"],
    }


_WON = {
    "read": 200,
    "roles": {"by-reading", "by-fetch", "by-form"},
    "read after a preflight": 200,
    "socket": "refused",
    "health": 0,
    "kept before the reset": True,
    "kept": False,
}
_LOST = _WON | {"read": 0, "roles": set(), "read after a preflight": 0, "kept": True}


@pytest.mark.parametrize(("attacked", "expected"), [(Kind.STOCK, _WON), (Kind.FILLED, _LOST)], indirect=["attacked"])
def test_a_page_owns_a_stock_one_and_nothing_of_ours(page: Any, attacked: Emulator, expected: dict[str, Any]) -> None:
    assert _outcome(page, attacked) == expected


@pytest.fixture
def function(filled: Emulator) -> Any:
    return make_stack(filled, "looked-at")


def test_a_page_calls_an_api_as_the_api_lets_it(page: Any, function: Any) -> None:
    below = f"/restapis/{function.api_id}/v1/_user_request_/do/ok"
    unread = page.evaluate(_READ, [function.emulator.local.endpoint + below, {}])
    assert unread[0] == "failed"
    assert eventually(lambda: function.get().body == "1", _SECONDS)
