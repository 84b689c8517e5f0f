"""The request of a cold start is made from the service's own facts and contract, and is really answered."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.base.errors import ToolError
from harness.facts import Service
from harness.lab.bench import comparisons
from harness.lab.bench.benchmark import empty_table
from harness.lab.bench.first_call import first_call

ANSWERS: dict[str, Any] = {"responses": {"200": {}, "404": {}, "500": {}, "default": {}}}
CONTRACT = {
    "paths": {
        "/up": {"get": ANSWERS},
        "/orders": {"get": ANSWERS, "post": ANSWERS},
        "/orders/{shop}/{number}": {"get": ANSWERS},
    }
}
SERVICE = msgspec.convert(
    {
        "description": "orders",
        "handler": "orders.entry.answer",
        "seconds": {"typical": 1, "call_at_worst": 1, "margin": 1},
        "environment": {"ORDERS_TABLE": "table:orders", "PARTS": "shards:orders/read"},
        "open_routes": ["GET /up"],
        "tables": {
            "orders": {
                "hash_key": {"name": "shop"},
                "range_key": {"name": "number", "type": "number"},
                "per_request": {"GET /orders": {"read": 1, "write": 1}},
            }
        },
    },
    Service,
)
CODE = """
import os
import boto3
client = boto3.client("dynamodb")
def answer(event, context):
    client.get_item(TableName=os.environ["ORDERS_TABLE"], Key={"shop": {"S": event["pathParameters"]["shop"]}})
    return {"statusCode": STATUS, "body": context.function_name}
"""


def call(**changes: Any) -> dict[str, Any]:
    return first_call("orders", msgspec.structs.replace(SERVICE, **changes), CONTRACT, "eu-central-1")


def test_the_operation_that_reads_one_record_is_called() -> None:
    made = call()
    assert made["event"]["resource"] == "/orders/{shop}/{number}"
    assert made["event"]["path"] == "/orders/bench/bench"
    assert made["event"]["pathParameters"] == {"shop": "bench", "number": "bench"}
    assert (made["handler"], made["statuses"], made["region"]) == ("orders.entry.answer", [200, 404], "eu-central-1")
    assert made["key"] == {"shop": {"S": "bench"}, "number": {"N": "1"}}
    told = {"ORDERS_TABLE": "bench", "PARTS": "1", "ENVIRONMENT": "bench", "POWERTOOLS_SERVICE_NAME": "bench"}
    assert told.items() <= made["environment"].items()


def test_a_service_without_tables_and_records_has_its_first_route_called() -> None:
    contract = {"paths": {"/up": {"get": ANSWERS}, "/orders": {"post": ANSWERS}}}
    made = first_call("orders", msgspec.structs.replace(SERVICE, tables={}), contract, "eu-central-1")
    assert (made["event"]["path"], made["event"]["pathParameters"]) == ("/up", None)
    assert made["key"] == {"id": {"S": "bench"}}


def test_a_service_that_reads_nothing_is_named() -> None:
    with pytest.raises(ToolError, match="the service orders has no GET operation"):
        first_call("orders", SERVICE, {"paths": {"/orders": {"post": ANSWERS}}}, "eu-central-1")


@pytest.mark.parametrize(("status", "taken"), [("404", True), ("500", False)])
def test_a_cold_start_of_any_service_is_timed_when_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, taken: bool
) -> None:
    folder = tmp_path / "build" / "bundle"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "orders.zip", "w") as bundle:
        bundle.writestr("orders/__init__.py", "")
        bundle.writestr("orders/entry.py", CODE.replace("STATUS", status))
    (folder / "orders.json").write_text(json.dumps(CONTRACT))
    monkeypatch.setattr(comparisons, "bundle_zip", lambda name: folder / f"{name}.zip")
    monkeypatch.setattr(comparisons, "bundle_contract", lambda name: folder / f"{name}.json")
    monkeypatch.setattr(comparisons, "read_service", lambda name: SERVICE)
    monkeypatch.setattr(comparisons, "find_python", Path)
    monkeypatch.setattr(comparisons, "install_runtime", lambda _: Path(sys.executable))
    with empty_table() as endpoint:
        if not taken:
            with pytest.raises(ToolError, match="answered with 500"):
                comparisons.cold_start(tmp_path, endpoint, "orders")
            return
        for one in comparisons.cold_start(tmp_path, endpoint, "orders"):
            for work in (one.usually, one.our_way):
                seconds = work()
                assert isinstance(seconds, float) and 0 < seconds < 60
