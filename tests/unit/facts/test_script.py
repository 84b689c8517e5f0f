"""Smoke steps are completed from the contract, and one that means nothing to it is one clear error."""

from __future__ import annotations

from typing import Any

import pytest

from harness.base.errors import HarnessError
from harness.facts import Service, SmokeStep, read_service, service_names
from harness.facts.script import Script, script_of
from harness.facts.service import Seconds
from harness.operate.services import contract_of

CREATE = {"content": {"application/json": {"example": {"title": "first"}}}, "required": True}
NEEDED = {"requestBody": {"content": {"application/json": {}}, "required": True}}
NOTE = {"requestBody": {"content": {"text/plain": {"examples": {"one": {"value": "hello"}}}}}}
POSTED = {
    "requestBody": {"$ref": "#/components/requestBodies/order"},
    "parameters": [{"$ref": "#/components/parameters/key"}],
}
CONTRACT: dict[str, Any] = {
    "paths": {
        "/orders": {"get": {}, "post": POSTED},
        "/orders/{id}": {"get": {}, "delete": {}, "put": NEEDED},
        "/orders/open": {"get": {}},
        "/orders/{id}/notes": {"post": NOTE},
        "/status": {"get": {}},
        "/files/{path+}": {"get": {}},
    },
    "components": {
        "requestBodies": {"order": CREATE},
        "parameters": {"key": {"name": "Idempotency-Key", "in": "header"}},
    },
}
POST = SmokeStep("create", "POST /orders", 201, keep={"order": "id"})
DELETE = SmokeStep("delete", "DELETE /orders/{order}", 204, cleanup=True)


def script(*steps: SmokeStep, open_routes: tuple[str, ...] = ("GET /status",)) -> Script:
    service = Service("d", "h", Seconds(1, 1, 1), open_routes=open_routes, smoke=steps)
    return script_of("orders", service, CONTRACT)


def test_a_body_is_the_contracts_example_unless_the_step_has_one() -> None:
    raw, own = SmokeStep("raw", "POST /orders", 400, raw="{"), SmokeStep("own", "POST /orders", 201, body={"a": 1})
    note = SmokeStep("note", "POST /orders/x/notes", 201)
    requests = script(POST, raw, own, note, SmokeStep("list", "GET /orders?limit=1", 200)).requests
    assert [one.body for one in requests] == ['{"title": "first"}', "{", '{"a": 1}', '"hello"', None]
    assert [one.content_type for one in requests] == [*["application/json"] * 3, "text/plain", "application/json"]
    assert [one.idempotent for one in requests] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("send", "route"),
    [
        ("GET /orders/{order}", "GET /orders/{id}"),
        ("GET /orders/17?full=1", "GET /orders/{id}"),
        ("GET /orders/open", "GET /orders/open"),
        ("GET /files/a/b/c", "GET /files/{path+}"),
    ],
)
def test_a_step_goes_to_the_operation_that_answers_it(send: str, route: str) -> None:
    assert script(POST, SmokeStep("x", send, 200)).requests[1].route == route


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (
            SmokeStep("x", "GET /order", 200),
            "the contract has no operation GET /order -> remove that step in lambda/orders/service.yaml, or let it ",
        ),
        (SmokeStep("x", "PATCH /orders", 200), "the contract has no operation PATCH /orders"),
        (SmokeStep("x", "GET", 200), "the contract has no operation GET"),
        (SmokeStep("x", "GET /orders/{order}/more", 200), "the contract has no operation GET /orders/{order}/more"),
        (SmokeStep("x", "GET /orders/{id}", 200), "no earlier step keeps id -> add keep: {id: <field of the answer>}"),
        (SmokeStep("x", "PUT /orders/{order}", 200), "PUT /orders/{order} needs a body -> give the operation's"),
    ],
)
def test_a_step_that_means_nothing_to_the_contract_is_one_clear_error(step: SmokeStep, told: str) -> None:
    with pytest.raises(HarnessError) as refused:
        script(POST, step)
    assert str(refused.value).startswith("lambda/orders/service.yaml (smoke: x): ")
    assert told in str(refused.value)


def test_a_drill_and_curl_lines_find_their_steps() -> None:
    reads = [SmokeStep("read", "GET /orders/{order}", 200), SmokeStep("lost", "GET /orders/none", 404)]
    whole = script(POST, *reads, DELETE, SmokeStep("list", "GET /orders", 200), SmokeStep("up", "GET /status", 200))
    found = whole.health, whole.creation, whole.removal, whole.listing
    assert [one and one.name for one in found] == ["up", "create", "delete", "list"]
    bare = script(SmokeStep("up", "GET /status", 200))
    assert (bare.creation, bare.removal, bare.listing) == (None, None, None)


def test_the_smoke_steps_of_every_service_mean_something_to_its_contract() -> None:
    for name in service_names():
        assert script_of(name, read_service(name), contract_of(name)).requests, f"{name} shows nothing"
