"""An environment's promised rate, and twice as much, through gateway, function and table, on the virtual clock.

The clock of the table's units moves on by a step and stands still while a step's requests are served. The gateway's
throttle goes by real time: no step is shorter than that, so that it sees no more than it is promised. The full size is
tests/lambda/items/test_load.py's; this shows that the deployed gateway, function and table are those.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

import pytest
from tests.support.clients import Clients, Request
from tests.support.deployed import Deployed
from tests.support.load import Outcome, arrivals, promised_rate
from tests.support.scenarios import Report
from tests.support.traffic import Answer, send

from harness.facts import read_mix
from harness.localaws.control import LocalAws
from harness.localaws.throughput_clock import VirtualClock

pytestmark = pytest.mark.example

_STEP_SECONDS = 0.05
_REQUESTS = 120  # of each load at least, in whole steps
_CLIENTS = 4
_MACHINE = 504  # what a request is answered whose table took too long in real time, which is this machine's


def _rate(aws: Any, deployed: Deployed) -> float:
    """Read the rate that the deployed stage promises."""
    api = deployed.outputs["base_url"].split("/restapis/")[1].split("/")[0]
    settings = aws("apigateway").get_stage(restApiId=api, stageName="v1")["methodSettings"]
    return promised_rate({path: one["throttlingRateLimit"] for path, one in settings.items()})


def _events(aws: Any, deployed: Deployed) -> Outcome:
    """Read all throttle metrics of the table and its indexes."""
    client, found = aws("cloudwatch"), Outcome()
    period = {"StartTime": datetime.now(UTC) - timedelta(hours=3), "EndTime": datetime.now(UTC) + timedelta(hours=1)}
    for page in client.get_paginator("list_metrics").paginate(Namespace="AWS/DynamoDB"):
        for metric in page["Metrics"]:
            dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
            if dimensions.get("TableName") == deployed.table:
                asked = metric | period | {"Period": 3600, "Statistics": ["Sum"]}
                points = client.get_metric_statistics(**asked)["Datapoints"]
                found.counted(metric["MetricName"], sum(point["Sum"] for point in points), dimensions)
    return found


def _send(deployed: Deployed, request: Request) -> Answer:
    headers = {name.replace("-", "_"): value for name, value in request.headers.items()}
    return send(deployed, request.method, request.path, request.body, **headers)


def _stocked(deployed: Deployed, service: str, count: int) -> Clients:
    """Make items, as fast as the gateway lets them in."""
    clients = Clients(service)
    (operation,) = (one for one in read_mix(service) if one.startswith("POST "))
    while len(clients.ids) < count:
        (request,) = clients.at_once([operation])
        answer = _send(deployed, request)
        assert answer.status in (201, 429, _MACHINE), answer.data
        clients.hear(request, answer.status, answer.json())
        time.sleep(float(answer.headers.get("retry-after", 0)))
    return clients


def _steps(rate: float, service: str) -> Iterator[list[str]]:
    """List the operations of each step, until there are enough."""
    rates = {operation: share * rate for operation, share in read_mix(service).items()}
    seconds = _STEP_SECONDS * math.ceil(_REQUESTS / rate / _STEP_SECONDS)
    for _, step in groupby(arrivals(rates, seconds), key=lambda one: int(one[0] / _STEP_SECONDS - 1e-9)):
        yield [operation for _, operation in step]


def _send_step(deployed: Deployed, operations: list[str], clients: Clients, found: Outcome) -> None:
    requests = clients.at_once(operations)
    with ThreadPoolExecutor(_CLIENTS) as pool:
        answers = list(pool.map(partial(_send, deployed), requests))
    for request, answer in zip(requests, answers, strict=True):
        found.answered(request.operation, answer.status, answer.headers.get("retry-after"))
        clients.hear(request, answer.status, answer.json() if answer.data else None)


def _load(deployed: Deployed, service: str, rate: float, clock: VirtualClock, clients: Clients) -> Outcome:
    found = Outcome()
    for operations in _steps(rate, service):
        clock.advance(_STEP_SECONDS)
        began = time.monotonic()
        _send_step(deployed, operations, clients, found)
        time.sleep(max(0.0, began + _STEP_SECONDS - time.monotonic()))
    return found


@pytest.mark.parametrize(("scenario", "times"), [("load-promised", 1), ("load-twice", 2)])
def test_load(report: Report, aws: Any, local_aws: LocalAws, deployed: Deployed, scenario: str, times: int) -> None:
    rate, service = _rate(aws, deployed), deployed.function_of()["service"]
    with report.scenario(
        scenario,
        deployed.environment,
        injected=f"{times} x {rate:g} requests a second of the virtual clock, in the mix of {service}",
        expected="no throttle" if times == 1 else "nothing but success, 429, and 503 with Retry-After",
    ) as seen:
        clients = _stocked(deployed, service, round(times * rate * _STEP_SECONDS) + _REQUESTS // 5)
        before = _events(aws, deployed).throttles
        with VirtualClock(local_aws.state_dir) as clock:
            found = _load(deployed, service, times * rate, clock, clients)
        found.throttles = _events(aws, deployed).throttles - before
        seen.saw(f"{dict(found.answers)}; {dict(found.throttles)}")
        assert (found.failures(_MACHINE) if times == 1 else found.undocumented(_MACHINE)) == []


def test_a_table_without_units_is_seen_and_answered(
    report: Report, aws: Any, local_aws: LocalAws, deployed: Deployed
) -> None:
    """The loads above are worth something only because this is seen."""
    service = deployed.function_of()["service"]
    with report.scenario(
        "load-throttled",
        deployed.environment,
        injected="one request of each operation while the clock of the table's units stands at nothing",
        expected="503 with Retry-After where the table is asked; CloudWatch counts throttles of table and indexes",
    ) as seen:
        clients, found = _stocked(deployed, service, len(read_mix(service))), Outcome()
        before = _events(aws, deployed).throttles
        with VirtualClock(local_aws.state_dir):
            _send_step(deployed, list(read_mix(service)), clients, found)
        found.throttles = _events(aws, deployed).throttles - before
        seen.saw(f"{dict(found.answers)}; {dict(found.throttles)}")
        assert {status for _, status in found.answers} - {_MACHINE} == {200, 503}
        assert found.undocumented(_MACHINE) == []
        seen_metrics = {name.partition(" of ")[0] for name in found.throttles}
        causes = {f"{kind}{cause}ThrottleEvents" for kind in ("Read", "Write") for cause in ("", "KeyRangeThroughput")}
        assert seen_metrics >= causes | {"ThrottledRequests"}
        assert found.failures(_MACHINE)
