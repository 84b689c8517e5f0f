"""Every alarm: the failure it watches makes it fire, the message reaches a subscriber, and it clears by itself.

All storms rage side by side, once, in :func:`storm`; each test then looks at one alarm. Only the clock is faster than
in production (``TIME_FACTOR``): thresholds, periods and counts are the deployed ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from tests.support.clone import Clone
from tests.support.deployed import PRODUCT, Deployed
from tests.support.releasing import BAD, released
from tests.support.scenarios import Report
from tests.support.storms import Storm
from tests.support.traffic import Stream, send

from harness.facts import read_services

pytestmark = pytest.mark.example

_SLEEP_SECONDS = 8.6
_TABLE_OPERATIONS = ("BatchGetItem", "GetItem", "PutItem", "TransactWriteItems", "Query")
_INDEXES = tuple(read_services()["items"].tables["items"].indexes)
_DIRECTIONS = ("read", "write")
_CAUSES = {"partition": "KeyRangeThroughput", "maximum": "MaxOnDemandThroughput"}

_ERRORS = "a release that crashes, and requests to it"
_NO_KEY = "requests without an API key, more than 20 a second"
_SLOW_RELEASE = f"a release whose every answer takes {_SLEEP_SECONDS} s, called twice a second"
_NO_CONCURRENCY = "the function's reservation taken to 0, and requests to it"
_PUBLISHED = "PutMetricData with AWS's namespace, name and dimensions: the local AWS cannot emit this metric"

REAL = {
    "lambda-errors-items": _ERRORS,
    "lambda-throttles-items": _NO_CONCURRENCY,
    "lambda-duration-items": _SLOW_RELEASE,
    "api-4xx-rate": _NO_KEY,
    "api-5xx-rate": _NO_CONCURRENCY,
    "api-latency": _SLOW_RELEASE,
    "service": "all of the above",
}
PUBLISHED = {
    "lambda-concurrency-items": _PUBLISHED + " above 64 executions at a time, and the alarm asks for more than 80",
    **{f"table-system-errors-{operation}-items": _PUBLISHED for operation in _TABLE_OPERATIONS},
    **{f"table-throttles-{direction}-items": _PUBLISHED for direction in _DIRECTIONS},
    **{f"index-throttles-{direction}-items-{index}": _PUBLISHED for direction in _DIRECTIONS for index in _INDEXES},
    **{
        f"{cause}-throttles-{direction}-{end}": _PUBLISHED
        for cause in _CAUSES
        for direction in _DIRECTIONS
        for end in ("items", *(f"items-{index}" for index in _INDEXES))
    },
}
INPUTS = ("api-4xx-rate-input", "api-4xx-traffic-input", "api-5xx-rate-input", "api-5xx-traffic-input")
MISSPELT = PRODUCT.name("misspelt", "prod")


def _named(*keys: str, suffix: str = "prod") -> list[str]:
    """Return the names of alarms."""
    return [PRODUCT.name(key, suffix) for key in keys]


def _publish(aws: Any, prod: Deployed) -> Callable[[], None]:
    """Data with AWS's own dimensions, written out here and not taken from the alarms, which may have them wrong."""
    table = {"Name": "TableName", "Value": prod.table}
    function = {"Name": "FunctionName", "Value": prod.function}
    events = [
        {"MetricName": f"{kind}{cause}ThrottleEvents", "Value": 1, "Unit": "Count", "Dimensions": dimensions}
        for kind in ("Read", "Write")
        for cause in ("", *_CAUSES.values())
        for dimensions in ([table], *([table, {"Name": "GlobalSecondaryIndexName", "Value": one}] for one in _INDEXES))
    ]
    events += [
        {"MetricName": "SystemErrors", "Value": 1, "Unit": "Count",
         "Dimensions": [table, {"Name": "Operation", "Value": operation}]}
        for operation in _TABLE_OPERATIONS
    ]  # fmt: skip
    running = {"MetricName": "ConcurrentExecutions", "Value": 90, "Unit": "Count", "Dimensions": [function]}
    client = aws("cloudwatch")

    def put() -> None:
        client.put_metric_data(Namespace="AWS/DynamoDB", MetricData=events)
        client.put_metric_data(Namespace="AWS/Lambda", MetricData=[running])

    return put


def _twin(client: Any, alarm: dict[str, Any]) -> None:
    """The alarm lambda-errors once more, watching a function that does not exist."""
    kept = ("MetricName", "Namespace", "Statistic", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator")
    dimensions = [{"Name": "FunctionName", "Value": MISSPELT}]
    settings = {name: alarm[name] for name in kept} | {"TreatMissingData": "notBreaching"}
    client.put_metric_alarm(AlarmName="wrong-dimension", Dimensions=dimensions, **settings)


@pytest.fixture(scope="module")
def storm(aws: Any, clone: Clone, dev: Deployed, prod: Deployed) -> Iterator[Storm]:
    """Make everything fail at once, then let it calm down."""
    found, client = Storm(aws), aws("cloudwatch")
    found.listen(PRODUCT.name("alarms", "prod"))
    found.begin()
    _twin(client, found.deployed[PRODUCT.name("lambda-errors-items", "prod")])
    bare = Deployed("prod", "", {**prod.outputs, "api_key_required": False})
    function, reserved = prod.function, aws("lambda")
    crash = [partial(send, env, "GET", "/health", x_fault="crash") for env in (dev, prod)]
    streams = [Stream(request, clients=5) for request in crash]
    streams += [Stream(_publish(aws, prod), clients=1, pause_seconds=0.3)]
    first = _named("lambda-errors-items", "service", *PUBLISHED) + _named("lambda-errors-items", suffix="dev")
    with released(aws, clone, dev, BAD), released(aws, clone, prod, BAD):
        found.rage(first, streams)
        slow = Stream(lambda: send(prod, "GET", "/health"), clients=18, stagger_seconds=0.5)
        found.rage(_named("lambda-duration-items", "api-latency"), [slow])
    limit = reserved.get_function_concurrency(FunctionName=function)["ReservedConcurrentExecutions"]
    reserved.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    try:
        calls = [partial(send, prod, "GET", "/health"), partial(send, bare, "GET", "/items")]
        refused = [Stream(request, clients=2, pause_seconds=0.02) for request in calls]
        found.rage(_named("lambda-throttles-items", "api-4xx-rate", "api-5xx-rate"), refused)
    finally:
        reserved.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=limit)
    found.calm_down()
    yield found
    client.delete_alarms(AlarmNames=["wrong-dimension"])


def _scenario(name: str) -> str:
    """Name the scenario of an alarm, alike for every index."""
    ends = [f"-{index}" for index in _INDEXES if name.endswith(f"-{index}")]
    return f"alarm-{name.removesuffix(ends[0])}-index" if ends else f"alarm-{name}"


@pytest.mark.parametrize("name", [*REAL, *PUBLISHED])
def test_an_alarm_of_prod_fires_tells_and_clears(report: Report, storm: Storm, name: str) -> None:
    (alarm,) = _named(name)
    with report.scenario(
        _scenario(name),
        "prod",
        injected=REAL.get(name) or PUBLISHED[name],
        expected="OK, then ALARM, then OK; both changes reach a queue subscribed to the topic",
        how="real" if name in REAL else "published",
    ) as seen:
        storm.fired_told_and_cleared(alarm, seen, _SLEEP_SECONDS if REAL.get(name) == _SLOW_RELEASE else 0.0)


def test_the_alarm_of_dev_fires_and_clears(report: Report, storm: Storm) -> None:
    with report.scenario(
        "alarm-lambda-errors-items", "dev", injected=_ERRORS, expected="ALARM, then OK; nobody told"
    ) as seen:
        (alarm,) = _named("lambda-errors-items", suffix="dev")
        states = storm.states_of(alarm)
        seen.saw(f"states {states}")
        assert "ALARM" in states and states[-1] == "OK"
        assert not storm.deployed[alarm]["AlarmActions"]


def test_every_deployed_alarm_has_a_storm(storm: Storm) -> None:
    prod = {name for name in storm.deployed if name.endswith("-prod")}
    assert prod == {*_named(*REAL, *PUBLISHED, *INPUTS)}
    dev = [name for name in storm.deployed if name.endswith("-dev")]
    assert dev == _named("lambda-errors-items", suffix="dev")


def test_inputs_fire_and_tell_nobody(storm: Storm) -> None:
    for name in _named(*INPUTS):
        assert "ALARM" in storm.states_of(name), name
        assert name not in storm.messages


def test_an_alarm_with_a_wrong_dimension_stays_silent_here(report: Report, storm: Storm) -> None:
    """The proof above is worth something only because this holds."""
    with report.scenario(
        "alarm-wrong-dimension",
        "prod",
        injected=f"lambda-errors-items again, watching {MISSPELT}",
        expected="no ALARM",
    ) as seen:
        states = storm.states_of("wrong-dimension")
        seen.saw(f"states {states}")
        assert states and "ALARM" not in states
