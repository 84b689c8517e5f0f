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
from items.model import Shards
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
) -> Callable[[dict[str, Any], Shards], Load]:
    """Put the service before a table that is made as asked, with so many shards."""

    def listen(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        headers = {"x-amz-target": cast(Any, request.headers["X-Amz-Target"]).decode()}
        called = dynamodb.handle_request("POST", "/", headers, cast(bytes, request.body), {})
        status, told, body = asyncio.run(called)
        return answer(status, body, dict(told))

    def count(_: str, metric: str, events: float, unit: str, dimensions: Mapping[str, str]) -> None:
        wire[0].counted(metric, events, dimensions)

    def make(table: dict[str, Any], shards: Shards) -> Load:
        monkeypatch.setattr(cloudwatch, "record_metric", count)
        client = connect("eu-west-1")
        client.meta.events.register_last("before-send.dynamodb", cast(Any, listen))
        wire[0] = Outcome()
        dynamodb.reset()
        client.create_table(**table)
        monkeypatch.setattr(module, "STORE", Store(client, TABLE, shards))
        return loading(api, moment, wire)

    return make


def _shards(plan: Plan) -> Shards:
    (function,) = plan.of_type("aws_lambda_function")
    read, write = (function.value(f"environment[0].variables.LIST_SHARDS_{kind}") for kind in ("READ", "WRITE"))
    return Shards(int(str(read)), int(str(write)))


def _table(plan: Plan) -> dict[str, Any]:
    (table,) = plan.of_type("aws_dynamodb_table")
    return planned_table(table, TABLE)


def _mixed(rate: float) -> dict[str, float]:
    return {operation: share * rate for operation, share in read_mix("items").items()}


def test_at_the_promised_rate_nothing_is_throttled(plan: Plan, serve: Any) -> None:
    rate = promised_rate(planned_limits(plan))
    outcome = serve(_table(plan), _shards(plan))(_mixed(rate), 1.0)
    assert outcome.failures() == []
    assert sum(outcome.answers.values()) == pytest.approx(rate, rel=0.01)


def test_at_the_promised_rate_of_creations_alone_nothing_is_throttled(plan: Plan, serve: Any) -> None:
    outcome = serve(_table(plan), _shards(plan))({CREATE: promised_rate(planned_limits(plan))}, 0.5)
    assert outcome.failures() == []


def test_at_twice_the_promised_rate_answers_are_documented(plan: Plan, serve: Any) -> None:
    outcome = serve(_table(plan), _shards(plan))(_mixed(2 * promised_rate(planned_limits(plan))), 0.25)
    assert outcome.undocumented() == []


@pytest.fixture
def busiest(plans: Plans) -> Plan:
    """Return the plan of the environment that promises most."""
    found = [plans.environment(name).result() for name in ENVIRONMENTS]
    return max(found, key=lambda plan: promised_rate(planned_limits(plan)))


@pytest.mark.parametrize("mixed", [True, False])
def test_one_shard_of_whole_copies_is_throttled(busiest: Plan, serve: Any, mixed: bool) -> None:
    """The design before the one there is: the judge above has to see that it does not hold."""
    rate, table = promised_rate(planned_limits(busiest)), _table(busiest)
    for index in table["GlobalSecondaryIndexes"]:
        index["Projection"] = {"ProjectionType": "ALL"}
        del index["OnDemandThroughput"]
    outcome = serve(table, Shards(1, 1))(_mixed(rate) if mixed else {CREATE: rate}, 0.3)
    indexes = {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}
    assert any(f"WriteKeyRangeThroughputThrottleEvents of {TABLE} {one}" in outcome.throttles for one in indexes)
    assert (CREATE, 503) in outcome.answers
    assert outcome.failures()
    assert outcome.undocumented() == []


def test_shards_are_what_carries_it(busiest: Plan, serve: Any) -> None:
    """Half as many creations again as are promised: too much for one shard of keys alone, not for the planned ones."""
    rates, table = {CREATE: 1.5 * promised_rate(planned_limits(busiest))}, _table(busiest)
    for one in (table, *table["GlobalSecondaryIndexes"]):
        del one["OnDemandThroughput"]
    assert serve(table, _shards(busiest))(rates, 0.3).failures() == []
    assert serve(table, Shards(1, 1))(rates, 0.3).failures()
