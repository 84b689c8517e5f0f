"""Every alarm: the failure it watches makes it fire, the message reaches a subscriber, and it clears by itself.

All storms rage side by side, once, in :func:`storm`; each test then looks at one alarm. Only the clock is faster than
in production (``TIME_FACTOR``): thresholds, periods and counts are the deployed ones.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from tests.local.conftest import TIME_FACTOR
from tests.support.clone import Clone
from tests.support.deployed import PRODUCT, Deployed
from tests.support.releasing import BAD, released
from tests.support.scenarios import Report
from tests.support.traffic import Stream, send
from tests.support.waiting import eventually

_FIRE_SECONDS = 60.0
_CLEAR_SECONDS = 40.0
_START_SECONDS = 20.0  # until the failing requests arrive: on two cores their functions start slowly
_SLEEP_SECONDS = 8.6
_TABLE_OPERATIONS = ("GetItem", "PutItem", "TransactWriteItems", "Query")

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
    "table-throttles-read-items": _PUBLISHED,
    "table-throttles-write-items": _PUBLISHED,
} | {f"table-system-errors-{operation}-items": _PUBLISHED for operation in _TABLE_OPERATIONS}
INPUTS = ("api-4xx-rate-input", "api-4xx-traffic-input", "api-5xx-rate-input", "api-5xx-traffic-input")
MISSPELT = PRODUCT.name("misspelt", "prod")


def _named(*keys: str, suffix: str = "prod") -> list[str]:
    """Return the names of alarms."""
    return [PRODUCT.name(key, suffix) for key in keys]


@dataclass
class Storm:
    """What was seen of all alarms.

    Attributes:
        deployed: what was deployed: alarm name -> its settings.
        states: alarm name -> (monotonic seconds, state) at each change that was seen.
        messages: alarm name -> states of the messages that arrived.
        started: alarm name or "" -> when its storm began, monotonic seconds.
    """

    deployed: dict[str, Any] = field(default_factory=dict)
    states: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    messages: dict[str, list[str]] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)

    def look(self, client: Any) -> None:
        """Note every alarm's state."""
        for page in client.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
            for alarm in page["MetricAlarms"] + page["CompositeAlarms"]:
                self.deployed[alarm["AlarmName"]] = alarm
                seen = self.states.setdefault(alarm["AlarmName"], [])
                if not seen or seen[-1][1] != alarm["StateValue"]:
                    seen.append((time.monotonic(), alarm["StateValue"]))

    def have_fired(self, names: list[str]) -> bool:
        """Whether each of these has been in ALARM."""
        return all("ALARM" in [state for _, state in self.states.get(name, [])] for name in names)

    def is_quiet(self, client: Any) -> bool:
        """Whether nothing is in ALARM now."""
        self.look(client)
        return all(seen[-1][1] != "ALARM" for seen in self.states.values())


def _subscribe(aws: Any, topic: str) -> str:
    queue = aws("sqs").create_queue(QueueName="alarm-listener")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return str(queue)


def _drain(aws: Any, queue: str, storm: Storm) -> None:
    while messages := aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            said = json.loads(json.loads(message["Body"])["Message"])
            storm.messages.setdefault(said["AlarmName"], []).append(said["NewStateValue"])
            aws("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def _publish(aws: Any, prod: Deployed) -> Callable[[], None]:
    """Data with AWS's own dimensions, written out here and not taken from the alarms, which may have them wrong."""
    table = {"Name": "TableName", "Value": prod.table}
    function = {"Name": "FunctionName", "Value": prod.function}
    events = [
        {"MetricName": f"{kind}ThrottleEvents", "Value": 1, "Unit": "Count", "Dimensions": [table]}
        for kind in ("Read", "Write")
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


def _rage(storm: Storm, client: Any, names: list[str], streams: list[Stream]) -> None:
    storm.started |= dict.fromkeys(names, time.monotonic())
    with ExitStack() as stack:
        for stream in streams:
            stack.enter_context(stream)

        def fired() -> bool:
            storm.look(client)
            return storm.have_fired(names)

        eventually(fired, _FIRE_SECONDS)


def _twin(client: Any, alarm: dict[str, Any]) -> None:
    """The alarm lambda-errors once more, watching a function that does not exist."""
    kept = ("MetricName", "Namespace", "Statistic", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator")
    dimensions = [{"Name": "FunctionName", "Value": MISSPELT}]
    settings = {name: alarm[name] for name in kept} | {"TreatMissingData": "notBreaching"}
    client.put_metric_alarm(AlarmName="wrong-dimension", Dimensions=dimensions, **settings)


@pytest.fixture(scope="module")
def storm(aws: Any, clone: Clone, dev: Deployed, prod: Deployed) -> Iterator[Storm]:
    """Make everything fail at once, then let it calm down."""
    found, client = Storm(), aws("cloudwatch")
    topics = [topic["TopicArn"] for topic in aws("sns").list_topics()["Topics"]]
    queue = _subscribe(aws, next(topic for topic in topics if topic.endswith(f":{PRODUCT.name('alarms', 'prod')}")))
    eventually(lambda: found.is_quiet(client), _CLEAR_SECONDS)
    found.states.clear()
    found.look(client)
    _twin(client, found.deployed[PRODUCT.name("lambda-errors-items", "prod")])
    bare = Deployed("prod", "", {**prod.outputs, "api_key_required": False})
    function, reserved = prod.function, aws("lambda")
    crash = [partial(send, env, "GET", "/health", x_fault="crash") for env in (dev, prod)]
    streams = [Stream(request, clients=5) for request in crash]
    streams += [Stream(_publish(aws, prod), clients=1, pause_seconds=0.3)]
    first = _named("lambda-errors-items", "service", *PUBLISHED) + _named("lambda-errors-items", suffix="dev")
    with released(aws, clone, dev, BAD), released(aws, clone, prod, BAD):
        _rage(found, client, first, streams)
        slow = Stream(lambda: send(prod, "GET", "/health"), clients=18, stagger_seconds=0.5)
        _rage(found, client, _named("lambda-duration-items", "api-latency"), [slow])
    limit = reserved.get_function_concurrency(FunctionName=function)["ReservedConcurrentExecutions"]
    reserved.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    try:
        calls = [partial(send, prod, "GET", "/health"), partial(send, bare, "GET", "/items")]
        refused = [Stream(request, clients=2, pause_seconds=0.02) for request in calls]
        _rage(found, client, _named("lambda-throttles-items", "api-4xx-rate", "api-5xx-rate"), refused)
    finally:
        reserved.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=limit)
    eventually(lambda: found.is_quiet(client), _CLEAR_SECONDS)
    _drain(aws, queue, found)
    yield found
    client.delete_alarms(AlarmNames=["wrong-dimension"])


def _window_seconds(alarm: dict[str, Any]) -> float:
    """Real seconds the alarm's evaluation window spans, and one period until it begins."""
    return (int(alarm["EvaluationPeriods"]) + 1) * int(alarm["Period"]) / TIME_FACTOR


@pytest.mark.parametrize("name", [*REAL, *PUBLISHED])
def test_an_alarm_of_prod_fires_tells_and_clears(report: Report, storm: Storm, name: str) -> None:
    (alarm,) = _named(name)
    with report.scenario(
        f"alarm-{name}",
        "prod",
        injected=REAL.get(name) or PUBLISHED[name],
        expected="OK, then ALARM, then OK; both changes reach a queue subscribed to the topic",
        how="real" if name in REAL else "published",
    ) as seen:
        states = [state for _, state in storm.states[alarm]]
        messages = storm.messages.get(alarm, [])
        seen.saw(f"states {states}, messages {messages}")
        assert "ALARM" in states
        fired = next(at for at, state in storm.states[alarm] if state == "ALARM") - storm.started.get(alarm, 0)
        seen.saw(f"ALARM {fired * TIME_FACTOR / 60:.1f} alarm minutes after the storm began")
        assert states[-1] == "OK"
        assert "ALARM" in messages and messages[-1] == "OK"
        if "Period" in storm.deployed[alarm]:
            slow = _SLEEP_SECONDS if REAL.get(name) == _SLOW_RELEASE else 0.0
            assert fired < _window_seconds(storm.deployed[alarm]) + slow + _START_SECONDS


def test_the_alarm_of_dev_fires_and_clears(report: Report, storm: Storm) -> None:
    with report.scenario(
        "alarm-lambda-errors-items", "dev", injected=_ERRORS, expected="ALARM, then OK; nobody told"
    ) as seen:
        (alarm,) = _named("lambda-errors-items", suffix="dev")
        states = [state for _, state in storm.states[alarm]]
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
        assert "ALARM" in [state for _, state in storm.states[name]], name
        assert name not in storm.messages


def test_an_alarm_with_a_wrong_dimension_stays_silent_here(report: Report, storm: Storm) -> None:
    """The proof above is worth something only because this holds."""
    with report.scenario(
        "alarm-wrong-dimension",
        "prod",
        injected=f"lambda-errors-items again, watching {MISSPELT}",
        expected="no ALARM",
    ) as seen:
        states = [state for _, state in storm.states["wrong-dimension"]]
        seen.saw(f"states {states}")
        assert "ALARM" not in states
