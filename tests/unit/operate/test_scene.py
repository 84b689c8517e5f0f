"""A drill fills tables through each service's own steps, and says which service has none."""

from __future__ import annotations

from typing import Any

import pytest

from harness.aws.smoke import Reply
from harness.base.errors import HarnessError
from harness.facts.script import Request, Script
from harness.operate import scene
from harness.operate.deployed import Deployed, Function
from harness.operate.scene import fill

FUNCTIONS = tuple(Function(name, "live", name, "", "") for name in ("orders", "notes"))


def request(name: str, send: str, status: int, **more: Any) -> Request:
    method, _, path = send.partition(" ")
    settings: dict[str, Any] = {"keep": {}, "cleanup": False, "open": False, "idempotent": False} | more
    return Request(name, method, path, send, status, "{}", "application/json", without_key=False, **settings)


CREATE = request("create", "POST /orders", 201, keep={"id": "id"}, idempotent=True)
DELETE = request("delete", "DELETE /orders/{id}", 204, cleanup=True)
ORDERS = Script("orders", (CREATE, DELETE), (), ())
NOTES = Script("notes", (request("list", "GET /notes", 200),), (), ())


class Api:
    """Counts what it makes; refuses from the ``refuses``-th on."""

    def __init__(self, refuses: int = 99, status: int = 409) -> None:
        self.made = 0
        self.sent: list[str] = []
        self.keys: set[str] = set()
        self.refuses, self.status = refuses, status

    def send(self, request: Request, kept: dict[str, str], **headers: str) -> Reply:
        self.sent.append(f"{request.method} {kept.get('id', '')}".strip())
        self.keys |= set(headers.values())
        if request.method == "POST" and self.made >= self.refuses:
            return Reply(self.status, None, {})
        self.made += request.method == "POST"
        return Reply(request.status, {"id": str(self.made)}, {})


def filled(monkeypatch: pytest.MonkeyPatch, api: Api, *scripts: Script) -> tuple[str, ...]:
    monkeypatch.setattr(scene, "Api", lambda *_: api)
    return fill(Deployed("u", "", False, FUNCTIONS, (), "r", "v1", ()), scripts)


@pytest.fixture(autouse=True)
def two_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.operate.deployed.service_names", lambda: ("notes", "orders"))


def test_records_are_made_and_some_removed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    assert filled(monkeypatch, api, ORDERS, NOTES) == ("notes",)
    assert (api.sent.count("POST"), [one for one in api.sent if one != "POST"]) == (
        12,
        ["DELETE 1", "DELETE 5", "DELETE 9"],
    )
    assert len(api.keys) == 12, "each creation has an idempotency key of its own"


def test_a_service_that_takes_one_body_once_is_drilled_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(refuses=1)
    assert filled(monkeypatch, api, ORDERS) == ("notes",)
    assert api.sent == ["POST", "DELETE 1", "POST"]


@pytest.mark.parametrize(("refuses", "status"), [(0, 409), (3, 500)])
def test_a_creation_that_fails_stops_the_drill(monkeypatch: pytest.MonkeyPatch, refuses: int, status: int) -> None:
    with pytest.raises(HarnessError, match=f"POST /orders was answered {status} -> make smoke shows more"):
        filled(monkeypatch, Api(refuses, status), ORDERS)


def test_a_creation_that_needs_another_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nested = request("create", "POST /orders/{parent}", 201, keep={"id": "id"})
    with pytest.raises(HarnessError, match="the creation needs what another step keeps"):
        filled(monkeypatch, Api(), Script("orders", (nested, DELETE), (), ()))
