"""What goes out: to clients nothing about the inside, to logs nothing about clients, metrics and failures to AWS."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from tests.support.events import REQUEST_ID
from tests.support.fake_table import TABLE, FakeTable, error


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


def test_logs_hold_no_bodies_and_no_keys(api: Any, logs: Any, capsys: pytest.CaptureFixture[str]) -> None:
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
