"""Every wire of envs/shared leads somewhere: what the example leaves out is set in a copy and seen in the plan."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.growth.growing import (
    CUSTOM_ALARM,
    LIKE,
    MAX_AGE_SECONDS,
    QUEUE_ALARM,
    SERVICE,
    add_alarms,
    add_entry,
    add_queue,
    add_service,
    share_out,
)
from tests.support.planning import Plans
from tests.support.trees import write_bundles

from harness.base.findings import Severity
from harness.facts import read_blueprint, read_routes
from harness.plan import Plan
from harness.rules import evaluate, read_sources

ENVIRONMENT = LIKE
POST, DELETE = f"POST /{SERVICE}", f"DELETE /{SERVICE}/{{customer}}/{{number}}"
KEYS = {
    "hash_key": {"name": "customer"},
    "range_key": {"name": "number", "type": "number"},
    "ttl_attribute": "until",
    "stream_view_type": "NEW_IMAGE",
    "indexes": {
        "by-digest": {
            "hash_key": {"name": "digest", "type": "binary"},
            "range_key": {"name": "number", "type": "number"},
            "key_values": 10,
            "per_request": {POST: {"read": 2}, DELETE: {"write": 3}},
        },
        "by-state": {
            "hash_key": {"name": "state"},
            "range_key": {"name": "since"},
            "projection": "KEYS_ONLY",
            "key_values": 10,
            "per_request": {POST: {"read": 4, "write": 5}, DELETE: {"write": 1}},
        },
    },
}
SHARE = 25
"""Percent of the API's rate."""
CAPACITY = "      capacity = { provisioned = { read = { min_units = 3 }, write = { min_units = 4 } } }\n"
SOURCE = f'{SERVICE} = {{ jobs = {{ source_arn = local.own_resources["queue:jobs"].arn, batch_size = 7 }} }}'

READ_QUEUE = """\
  - sid: TakeFromTheQueue
    resource: queue:jobs
    reason: What it told itself it does later.
    actions:
      - {name: "sqs:ReceiveMessage", why: Lambda takes messages with the role., required: true, drop: Drop the source.}
      - {name: "sqs:DeleteMessage", why: Lambda takes messages with the role., required: true, drop: Drop the source.}
      - {name: "sqs:GetQueueAttributes", why: Lambda looks at the queue., required: true, drop: Drop the source.}
"""


def enrich(tree: Path) -> None:
    """Set everything that the wiring hands on and the example leaves out."""
    add_service(tree)
    add_queue(tree)
    add_alarms(tree)
    facts = tree / "lambda" / SERVICE / "service.yaml"
    service = yaml.safe_load(facts.read_text())
    service["tables"][SERVICE] |= KEYS
    service["environment"]["INDEX_NAME"] = f"index:{SERVICE}/by-state"
    facts.write_text(yaml.safe_dump(service))
    rights = tree / "lambda" / SERVICE / "permissions.yaml"
    rights.write_text(rights.read_text() + READ_QUEUE)
    shutil.rmtree(tree / "build" / "bundle")
    write_bundles(tree, tree / "build" / "bundle")
    add_entry(tree / "envs" / "shared" / "resources.tf", "event_sources", SOURCE)
    values = tree / "envs" / ENVIRONMENT / "locals.tf"
    text = re.sub(r"^  api = \{\n", '\\g<0>    cors = { allow_origin = "*" }\n', values.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^  tables = \{\n    \w+ += \{\n", rf"\g<0>{CAPACITY}", text, flags=re.MULTILINE)
    values.write_text(re.sub(r"deletion_window_days = 30", "deletion_window_days = 9", text))
    share_out(values, SHARE)


@pytest.fixture
def planned(plans: Plans) -> Iterator[tuple[Path, Plan]]:
    with plans.changed(ENVIRONMENT, enrich, {"allowed_account_ids": ["0" * 12]}) as found:
        yield found


def test_every_wire_leads_somewhere(planned: tuple[Path, Plan]) -> None:
    """One test for all: each of its plans takes a second, and so does each mutant that it judges."""
    (tree, plan), name, suffix = planned, read_blueprint().name, ENVIRONMENT
    report = evaluate(plan, environment=ENVIRONMENT, suffix=suffix, sources=read_sources(tree))
    errors = [one for one in report.findings if one.severity is Severity.ERROR]
    # The capacity that is set for one table is far too small, so that no figure derived from the throttle is like it.
    small = {one.address for one in errors if one.check == "capacity-coherence"}
    assert len(small) == 1
    assert [f"{one.address}: {one.message}" for one in errors if one.check != "capacity-coherence"] == []
    table = plan.resource(f'module.table["{SERVICE}"].aws_dynamodb_table.this')
    assert [table.value(key) for key in ("hash_key", "range_key", "stream_view_type", "ttl[0].attribute_name")] == [
        "customer", "number", "NEW_IMAGE", "until",
    ]  # fmt: skip
    attributes = table.value("attribute")
    assert isinstance(attributes, list)
    assert {one["name"]: one["type"] for one in attributes} == {
        "customer": "S", "digest": "B", "number": "N", "since": "S", "state": "S",
    }  # fmt: skip
    indexes = table.value("global_secondary_index")
    assert isinstance(indexes, list)
    assert {(one["name"], one["hash_key"], one["range_key"], one["projection_type"]) for one in indexes} == {
        ("by-digest", "digest", "number", "ALL"), ("by-state", "state", "since", "KEYS_ONLY"),
    }  # fmt: skip
    assert {one["on_demand_throughput"][0]["max_write_request_units"] for one in indexes} == {3000, 5000}
    provisioned = {
        (one.find("read_capacity"), one.find("write_capacity")) for one in plan.of_type("aws_dynamodb_table")
    }
    assert (3, 4) in provisioned
    # No values in locals.tf: the strictest.
    assert table.value("deletion_protection_enabled") is True
    assert table.value("point_in_time_recovery[0].recovery_period_in_days") == 35
    function = plan.resource(f'module.function["{SERVICE}"].aws_lambda_function.this')
    variables = function.value("environment[0].variables")
    assert isinstance(variables, dict)
    assert (variables["INDEX_NAME"], variables["QUEUE_NAME"]) == ("by-state", name("jobs", suffix))
    assert variables["CORS_ALLOW_ORIGIN"] == "*"
    (source,) = plan.of_type("aws_lambda_event_source_mapping")
    assert str(source.value("event_source_arn")).endswith(f":{name('jobs', suffix)}")
    assert source.value("batch_size") == 7
    assert plan.resource("module.key[0].aws_kms_key.this").value("deletion_window_in_days") == 9
    preflights = [one for one in plan.of_type("aws_api_gateway_method") if one.name == "preflight"]
    assert preflights
    # A tenth of the rate is the preflights', and of the rest the service has its share.
    settings = {one.index: one for one in plan.of_type("aws_api_gateway_method_settings") if one.index is not None}
    promised, whole = (
        sum(float(str(settings[key].value("settings[0].throttling_rate_limit"))) for key in keys)
        for keys in (read_routes(SERVICE, tree), settings)
    )
    assert promised / whole == pytest.approx(SHARE / 100, abs=1e-4)
    alarms = {one.index: one for one in plan.of_type("aws_cloudwatch_metric_alarm")}
    # An alarm is called after what it watches, and takes its limits from there.
    services = read_sources(tree).services
    tables = [table for service in services.values() for table in service.tables]
    watching = {"FunctionName": [*services], "TableName": tables}
    for dimension, things in watching.items():
        for thing in things:
            own = {str(key): one for key, one in alarms.items() if str(key).endswith(f"-{thing}")}
            found = {one.find(f"dimensions.{dimension}") for one in own.values()}
            assert found - {None} == {name(thing, suffix)}
    for thing in services:
        runs = plan.resource(f'module.function["{thing}"].aws_lambda_function.this')
        limits = {"duration": ("timeout", 800), "concurrency": ("reserved_concurrent_executions", 0.8)}
        for family, (attribute, share) in limits.items():
            threshold = alarms[f"lambda-{family}-{thing}"].value("threshold")
            assert threshold == runs.value(attribute) * share  # type: ignore[operator]
    assert alarms[QUEUE_ALARM].value("threshold") == MAX_AGE_SECONDS
    assert alarms[CUSTOM_ALARM].value("metric_name") == "LargeOrders"
    # What is called on one table is watched on it, and not on the other.
    watched = {str(index) for index in alarms if str(index).startswith("table-system-errors-")}
    assert {one for one in watched if one.endswith(f"-{SERVICE}")} == {
        f"table-system-errors-{operation}-{SERVICE}" for operation in ("DeleteItem", "GetItem", "PutItem")
    }
    assert "execution" in plan.outputs["log_group_names"].after  # type: ignore[operator]
