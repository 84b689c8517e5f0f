"""The service at an environment's full rate: handler, planned table and its partitions in this process.

On a clock that requests alone move, so that a busy machine changes nothing: a second's requests take as long as they
take and meet a second's units. Rate, table, indexes and maxima are the plan's, the mix is the service's, and items are
as large as the contract lets plain text be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from ministack.services import cloudwatch, dynamodb
from tests.support.clients import Clients
from tests.support.fake_table import TABLE, answer
from tests.support.load import Outcome, arrivals, planned_limits, planned_table, promised_rate
from tests.support.planning import Plans

from harness.facts import read_blueprint, read_mix
from harness.localaws import gap_partition_throughput
from harness.localaws.throughput_clock import Moment
from harness.plan import Plan
from items.store import Store, connect

SAVED_SECONDS = 0.1
"""What partitions have saved up when the load begins: enough for one request, and nothing that hides a load that is too
much."""
STOCKED = 100
CREATE = "POST /items"
ENVIRONMENTS = sorted(read_blueprint().environments)


@pytest.fixture
def moment() -> Iterator[list[Moment]]:
    """Let ministack in this process meter request units; the one reading of its clock, to be replaced."""
    shown, before = [Moment("", 0.0)], dict(vars(dynamodb))
    gap_partition_throughput.install(lambda: shown[0])
    yield shown
    vars(dynamodb).update(before)


Load = Callable[[Mapping[str, float], float], Outcome]


def loading(api: Any, moment: list[Moment], wire: list[Outcome]) -> Load:
    """Return what sends so many requests of each operation a second, for some seconds, and tells what came of it."""
    clients = Clients("items")

    def send(operation: str) -> None:
        (request,) = clients.at_once([operation])
        reply = api(request.method, request.path, body=request.body, headers=request.headers)
        wire[0].answered(operation, reply.status, reply.headers.get("Retry-After"))
        clients.hear(request, reply.status, reply.json if reply.text else None)

    def load(rates: Mapping[str, float], seconds: float) -> Outcome:
        for number in range(STOCKED):
            moment[0] = Moment("stocking", float(number + 1))
            send(CREATE)
        assert wire[0].failures() == []
        wire[0] = Outcome()
        for at, operation in arrivals(rates, seconds):
            moment[0] = Moment("load", SAVED_SECONDS + at)
            send(operation)
        return wire[0]

    return load


@pytest.fixture(params=ENVIRONMENTS)
def plan(request: pytest.FixtureRequest, plans: Plans) -> Plan:
    return plans.environment(request.param).result()


@pytest.fixture
def wire() -> list[Outcome]:
    """Hold what has come of the load so far; to be replaced."""
    return [Outcome()]


@pytest.fixture
def serve(
    api: Any, module: ModuleType, moment: list[Moment], wire: list[Outcome], monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, Any]], Load]:
    """Put the service before a table that is made as asked."""

    def listen(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        headers = {"x-amz-target": cast(Any, request.headers["X-Amz-Target"]).decode()}
        called = dynamodb.handle_request("POST", "/", headers, cast(bytes, request.body), {})
        status, told, body = asyncio.run(called)
        return answer(status, body, dict(told))

    def count(_: str, metric: str, events: float, unit: str, dimensions: Mapping[str, str]) -> None:
        wire[0].counted(metric, events, dimensions)

    def make(table: dict[str, Any]) -> Load:
        monkeypatch.setattr(cloudwatch, "record_metric", count)
        client = connect("eu-west-1")
        client.meta.events.register_last("before-send.dynamodb", cast(Any, listen))
        dynamodb.reset()
        client.create_table(**table)
        monkeypatch.setattr(module, "STORE", Store(client, TABLE))
        return loading(api, moment, wire)

    return make


def _table(plan: Plan) -> dict[str, Any]:
    (table,) = plan.of_type("aws_dynamodb_table")
    return planned_table(table, TABLE)


def _mixed(rate: float) -> dict[str, float]:
    return {operation: share * rate for operation, share in read_mix("items").items()}


def test_at_the_promised_rate_nothing_is_throttled(plan: Plan, serve: Any) -> None:
    rate = promised_rate(planned_limits(plan))
    outcome = serve(_table(plan))(_mixed(rate), 1.0)
    assert outcome.failures() == []
    assert sum(outcome.answers.values()) == pytest.approx(rate, rel=0.01)


def test_at_the_promised_rate_of_creations_alone_nothing_is_throttled(plan: Plan, serve: Any) -> None:
    outcome = serve(_table(plan))({CREATE: promised_rate(planned_limits(plan))}, 0.5)
    assert outcome.failures() == []


def test_at_twice_the_promised_rate_answers_are_documented(plan: Plan, serve: Any) -> None:
    outcome = serve(_table(plan))(_mixed(2 * promised_rate(planned_limits(plan))), 0.5)
    assert outcome.undocumented() == []
