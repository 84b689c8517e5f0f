"""Smoke requests against a small API: order, kept values, cleanup whatever happens, keys only where one is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from harness.aws import smoke
from harness.aws.smoke import filled, run_smoke, unknown_path
from harness.facts.script import Request, Script

KEY = "the-key"


class Server:
    """Answers what it is told, by method and path, and remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, tuple[int, object]] = {}
        self.seen: list[str] = []
        self.keys: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        self.dead: set[str] = set()
        self.refusals: list[str] = []
        """Retry-After of the answers 429 that come first."""

    def answer(self, asked: str) -> tuple[int, object]:
        return self.answers.get(asked, (404, None))


@contextmanager
def serving() -> Iterator[Server]:
    api = Server()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

        def _answer(self) -> None:
            asked = f"{self.command} {self.path}"
            api.seen.append(asked)
            api.keys[asked] = self.headers.get("x-api-key", "")
            api.bodies[asked] = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if asked in api.dead:
                self.connection.close()
                return
            asked_to_wait = api.refusals.pop(0) if api.refusals else ""
            status, body = (429, None) if asked_to_wait else api.answer(asked)
            content = json.dumps(body).encode() if body is not None else b""
            self.send_response(status)
            if asked_to_wait:
                self.send_header("Retry-After", asked_to_wait)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def api() -> Iterator[Server]:
    with serving() as server:
        yield server


def request(name: str, send: str, status: int, **more: object) -> Request:
    method, _, path = send.partition(" ")
    settings = {"body": None, "keep": {}, "without_key": False, "cleanup": False, "open": False} | more
    return Request(name, method, path, send, status, content_type="application/json", idempotent=False, **settings)  # type: ignore[arg-type]


ORDERS = Script(
    "orders",
    (
        request("health", "GET /health", 200, open=True),
        request("create", "POST /orders", 201, body='{"a": 1}', keep={"id": "number"}),
        request("read", "GET /orders/{id}", 200),
        request("keyless", "GET /orders", 403, without_key=True),
        request("delete", "DELETE /orders/{id}", 204, cleanup=True),
    ),
    ("/health", "/orders", "/orders/{id}"),
    ("GET /health",),
)
NOTES = Script("notes", (request("list", "GET /notes", 200),), ("/notes",), ())
GOOD: dict[str, tuple[int, object]] = {
    "GET /health": (200, {}),
    "POST /orders": (201, {"number": "a/b c"}),
    "GET /orders/a%2Fb%20c": (200, {}),
    "GET /orders": (403, {}),
    "DELETE /orders/a%2Fb%20c": (204, None),
    "GET /notes": (200, []),
}


def test_every_service_is_asked_and_a_route_that_none_has(api: Server) -> None:
    api.answers = GOOD
    steps = run_smoke(api.url, KEY, [ORDERS, NOTES])
    assert all(step.ok for step in steps), steps
    assert api.seen == [*GOOD, "GET /nowhere"]
    assert [step.title for step in steps][-3:] == ["orders: delete", "notes: list", "unknown route"]
    assert api.bodies["POST /orders"] == '{"a": 1}'
    assert [asked for asked, key in api.keys.items() if key != KEY] == ["GET /health", "GET /orders"]


def test_without_a_key_nothing_is_said_of_keys(api: Server) -> None:
    api.answers = GOOD
    steps = run_smoke(api.url, "", [ORDERS])
    assert "keyless" not in [step.name for step in steps]
    assert set(api.keys.values()) == {""}


def test_a_wrong_answer_does_not_keep_the_rest_from_being_asked(api: Server) -> None:
    api.answers = {**GOOD, "GET /orders/a%2Fb%20c": (500, {})}
    wrong = [step for step in run_smoke(api.url, KEY, [ORDERS, NOTES]) if not step.ok]
    assert [(step.title, step.expected, step.seen) for step in wrong] == [("orders: read", 200, 500)]
    assert "DELETE /orders/a%2Fb%20c" in api.seen


@pytest.mark.parametrize("answer", [(201, {}), (201, None), (201, {"number": None}), (500, {})])
def test_a_step_whose_path_lacks_a_kept_value_fails_unsent(api: Server, answer: tuple[int, object]) -> None:
    api.answers = {**GOOD, "POST /orders": answer}
    steps = {step.name: step for step in run_smoke(api.url, KEY, [ORDERS])}
    assert (steps["read"].ok, steps["read"].seen, steps["delete"].seen) == (False, 0, 0)
    assert not [asked for asked in api.seen if "{" in asked or asked.startswith("DELETE")]


def test_cleanup_is_sent_after_a_request_that_was_not_answered_and_the_failure_is_told(api: Server) -> None:
    api.answers, api.dead = GOOD, {"GET /orders/a%2Fb%20c"}
    with pytest.raises(urllib3.exceptions.HTTPError):
        run_smoke(api.url, KEY, [ORDERS, NOTES])
    assert api.seen[-2:] == ["GET /orders/a%2Fb%20c", "DELETE /orders/a%2Fb%20c"]


def test_kept_numbers_stand_in_paths_as_they_are_in_json(api: Server) -> None:
    api.answers = {
        **GOOD,
        "POST /orders": (201, {"number": 17}),
        "GET /orders/17": (200, {}),
        "DELETE /orders/17": (204, None),
    }
    assert all(step.ok for step in run_smoke(api.url, KEY, [ORDERS]))


def test_values_are_percent_encoded_and_put_in_once() -> None:
    assert filled("/a/{x}/{y}?q={x}", {"x": "{y}", "y": "é/?#"}) == "/a/%7By%7D/%C3%A9%2F%3F%23?q=%7By%7D"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("/orders",), "/nowhere"),
        (("/{tenant}",), "/nowhere/nowhere"),
        (("/{tenant}", "/{tenant}/{id}"), "/nowhere/nowhere/nowhere"),
        (("/{proxy+}",), ""),
    ],
)
def test_the_unknown_route_is_one_that_no_contract_has(paths: tuple[str, ...], expected: str) -> None:
    assert unknown_path([Script("one", (), ("/x",), ()), Script("other", (), paths, ())]) == expected


@pytest.mark.parametrize(
    ("refusals", "status", "sent"),
    [(["1", "3"], 200, 3), (["1"] * 9, 429, 5), (["3600"], 429, 1), (["soon"], 429, 1)],
    ids=["until it passes", "not for ever", "not for an hour", "not for what is no time"],
)
def test_a_throttled_request_is_sent_again_after_the_time_it_is_told(
    api: Server, monkeypatch: pytest.MonkeyPatch, refusals: list[str], status: int, sent: int
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("harness.aws.smoke.time.sleep", waited.append)
    api.answers["GET /health"], api.refusals = (200, {}), [*refusals]
    assert smoke.Api(api.url, KEY).call("GET", "/health").status == status
    assert api.seen == ["GET /health"] * sent
    assert waited == [float(one) for one in refusals[: sent - 1]]
