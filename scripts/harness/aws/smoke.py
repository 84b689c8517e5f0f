"""Requests a deployed API must answer: the life of one item, a malformed body, and the key where one is asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import urllib3

_TIMEOUT = urllib3.Timeout(connect=5, read=35)  # API Gateway itself gives up after 29 s


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, body as JSON (``None`` when empty or not JSON) and headers."""

    status: int
    body: object
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One request and whether it was answered as the contract says.

    Attributes:
        name: what was tried.
        expected: the status the contract names.
        seen: the status that came.
        seconds: how long it took.
    """

    name: str
    expected: int
    seen: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the answer was the expected one."""
        return self.expected == self.seen


@dataclass
class Api:
    """A client of one deployed API; remembers the steps it took."""

    base_url: str
    api_key: str
    steps: list[Step] = field(default_factory=list)
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(timeout=_TIMEOUT, retries=False))

    def call(self, method: str, path: str, body: object = None, *, key: bool = True, raw: bytes | None = None) -> Reply:
        """Send one request. ``raw`` is sent as it is, ``body`` as JSON.

        Raises:
            urllib3.exceptions.HTTPError: no answer came.
        """
        headers = {"x-api-key": self.api_key} if key and self.api_key else {}
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        if data is not None:
            headers["content-type"] = "application/json"
        answer = self.pool.request(method, self.base_url + path, body=data, headers=headers)
        try:
            parsed = json.loads(answer.data)
        except ValueError:
            parsed = None
        return Reply(answer.status, parsed, answer.headers)

    def step(self, name: str, expected: int, send: Callable[[], Reply]) -> Reply:
        """Send a request and note whether its status is ``expected``."""
        started = time.monotonic()
        reply = send()
        self.steps.append(Step(name, expected, reply.status, round(time.monotonic() - started, 3)))
        return reply


def run_smoke(base_url: str, api_key: str) -> list[Step]:
    """Create, read, update, list and delete an item; send a malformed body; without the key where one is needed.

    Raises:
        urllib3.exceptions.HTTPError: the API cannot be reached.
    """
    api = Api(base_url, api_key)
    api.step("health", 200, lambda: api.call("GET", "/health", key=False))
    item = {"name": "smoke test", "description": "made by make smoke"}
    created = api.step("create", 201, lambda: api.call("POST", "/items", item))
    path = f"/items/{_text(created, 'id')}"
    try:
        api.step("read", 200, lambda: api.call("GET", path))
        api.step(
            "update",
            200,
            lambda: api.call("PUT", path, {**item, "name": "smoke test, changed", "status": "active"}),
        )
        api.step("list", 200, lambda: api.call("GET", "/items?limit=1"))
        api.step("malformed body", 400, lambda: api.call("POST", "/items", raw=b'{"name": '))
        if api_key:
            api.step("without the key", 403, lambda: api.call("GET", path, key=False))
    finally:
        api.step("delete", 204, lambda: api.call("DELETE", path))
    api.step("read after delete", 404, lambda: api.call("GET", path))
    api.step("unknown route", 404, lambda: api.call("GET", "/nowhere"))
    return api.steps


def _text(reply: Reply, name: str) -> str:
    return str(reply.body.get(name, "")) if isinstance(reply.body, dict) else ""
