"""Fixtures: the handler in this process, its table behind a fake wire, every answer checked against the contract."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import StringIO
from types import ModuleType, SimpleNamespace
from typing import Any

import jsonschema
import pytest
from tests.support.contract import document
from tests.support.events import Context, event
from tests.support.fake_table import SHARDS, TABLE, Clock, FakeTable

from items.model import Shards
from items.store import Store, connect
from rest import contract
from rest.budget import Budget

DOCUMENT = document("items")
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "eu-west-1",
    "TABLE_NAME": TABLE,
    "ENVIRONMENT": "dev",
    "LIST_SHARDS_READ": str(SHARDS),
    "LIST_SHARDS_WRITE": str(SHARDS),
    # Asks Powertools to log whole events; the handler must not.
    "POWERTOOLS_LOGGER_LOG_EVENT": "true",
    "POWERTOOLS_SERVICE_NAME": "items",
    "POWERTOOLS_METRICS_NAMESPACE": "Items",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client gets."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)

    @property
    def outcome(self) -> tuple[int, str | None]:
        """Status and, for a problem, its code."""
        return self.status, self.json["code"] if self.status >= 400 else None


Api = Callable[..., Reply]


@pytest.fixture(scope="session")
def module() -> Iterator[ModuleType]:
    """``items.handler``, imported with a complete environment, which stays for the session."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "POWERTOOLS_DEV", "LOG_LEVEL"):
            patch.delenv(name, raising=False)
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with pytest.MonkeyPatch.context() as importing:
            # In the zip the canonical contract stands beside the code.
            importing.setattr(contract, "load_document", lambda: document("items"))
            handler = importlib.import_module("items.handler")
        yield handler


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> Clock:
    """Time as the handler and the SDK's back-off see it: it passes only when something waits."""
    clock = Clock()
    # Not time.sleep itself: that is every thread's, and one that waits for something else would move this clock.
    for sleeper in ("botocore.endpoint.time", "items.store.time"):
        monkeypatch.setattr(sleeper, SimpleNamespace(sleep=clock.sleep))
    monkeypatch.setattr("rest.app.Budget", partial(Budget, clock=clock))
    return clock


@pytest.fixture
def store(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with a client of its own, so that no test inherits another's used-up retries."""
    store = Store(connect("eu-west-1"), TABLE, Shards(SHARDS, SHARDS))
    store.budget = Budget(60)
    monkeypatch.setattr(module, "STORE", store)
    return store


@pytest.fixture
def table(store: Store, clock: Clock) -> FakeTable:
    """The table behind the store."""
    return FakeTable(store._client)


@pytest.fixture
def logs(module: ModuleType) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Read what has been logged. The logger writes to the stream it found at import, so it gets another one."""
    stream = StringIO()
    before = module.app.logger.registered_handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    module.app.logger.registered_handler.setStream(before)


@pytest.fixture
def api(module: ModuleType, table: FakeTable) -> Api:
    """Send a request through the handler; fails when the answer is not what the contract documents."""

    def call(method: str, url: str, *, remaining_ms: int = 10_000, **parts: Any) -> Reply:
        request = event(method, url, **parts)
        raw = module.handler(request, Context(remaining_ms))
        assert not raw["isBase64Encoded"]
        headers = {name: values[0] for name, values in raw["multiValueHeaders"].items()}
        reply = Reply(raw["statusCode"], headers, raw["body"])
        check_against_contract(method, request["resource"], reply)
        return reply

    return call


def check_against_contract(method: str, path: str, reply: Reply) -> None:
    """Status, media type, required headers and body are as documented. Unknown routes answer with a problem."""
    operation = DOCUMENT["paths"].get(path, {}).get(method.lower())
    if operation is None:
        assert reply.outcome == (404, "route_not_found")
        return
    documented = operation["responses"][str(reply.status)]
    if "$ref" in documented:
        documented = DOCUMENT["components"]["responses"][documented["$ref"].split("/")[-1]]
    for name, header in documented.get("headers", {}).items():
        full = DOCUMENT["components"]["headers"][header["$ref"].split("/")[-1]] if "$ref" in header else header
        assert name in reply.headers or not full.get("required"), f"{name} is missing"
    if "content" not in documented:
        assert reply.text == ""
        return
    ((media_type, content),) = documented["content"].items()
    assert reply.headers["Content-Type"] == media_type
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(reply.json)
