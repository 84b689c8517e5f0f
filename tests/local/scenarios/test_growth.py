"""Deploy a copy that has grown by a service with its table, a queue, alarms and an environment, and ask it.

On a local AWS of its own, since the others' is for the product as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests.growth.growing import (
    CUSTOM_ALARM,
    ENVIRONMENT,
    MAX_AGE_SECONDS,
    ORIGIN,
    QUEUE_ALARM,
    SERVICE,
    add_browsers,
    grow,
)
from tests.support.clone import Clone, clone_tree
from tests.support.deployed import FREE, PRODUCT, Deployed, bring_up, clients_of
from tests.support.scenarios import Report
from tests.support.storms import TIME_FACTOR, Storm
from tests.support.traffic import Stream, send

from harness.localaws import control

pytestmark = pytest.mark.example

QUEUE = PRODUCT.name("jobs", ENVIRONMENT)
ALARMS = {
    QUEUE_ALARM: "PutMetricData with the namespace, name and dimension of SQS: the local AWS cannot emit this metric",
    CUSTOM_ALARM: "large orders, of each of which the service writes an embedded metric into its log",
}


@dataclass(frozen=True)
class Grown:
    """A copy that has grown, deployed.

    Attributes:
        clone: the copy.
        aws: gives clients of its local AWS.
        deployed: environment -> what is deployed.
    """

    clone: Clone
    aws: Callable[[str], Any]
    deployed: Mapping[str, Deployed]

    def versions(self) -> dict[str, str]:
        """Read the version that the alias of each service's function serves in the unguarded environment."""
        client = self.aws("lambda")
        functions = [self.deployed[FREE].function_of(service) for service in ("items", SERVICE)]
        aliases = {one["service"]: {"FunctionName": one["name"], "Name": one["alias"]} for one in functions}
        return {service: client.get_alias(**alias)["FunctionVersion"] for service, alias in aliases.items()}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    """Deploy the new environment and an old one at the same time: their queues' waits pass side by side."""
    clone = clone_tree(tmp_path_factory.mktemp("grown") / "tree")
    grow(clone.root)
    add_browsers(clone.root)
    running = control.start(clone.root / "build" / "local", None, 60, die_with_parent=True, time_factor=TIME_FACTOR)
    yield Grown(clone, clients_of(running), bring_up(clone, ENVIRONMENT, FREE))
    control.stop(running)


def test_a_third_environment_with_two_services_answers(grown: Grown) -> None:
    deployed, order = grown.deployed[ENVIRONMENT], {"customer": "ada", "number": 3}
    assert f"smoke {ENVIRONMENT}" in deployed.printed
    made = send(deployed, "POST", "/orders", order)
    assert (made.status, made.json()) == (201, order)
    assert send(deployed, "GET", "/orders/ada/3").status == 200
    assert send(deployed, "GET", "/items").status == 200
    bare = Deployed(ENVIRONMENT, "", {**deployed.outputs, "api_key_required": False})
    assert send(bare, "POST", "/orders", order).status == 403
    queues = grown.aws("sqs")
    address = queues.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    messages = queues.receive_message(QueueUrl=address, MaxNumberOfMessages=10)["Messages"]
    assert order in [json.loads(one["Body"]) for one in messages]
    again = grown.clone.run("plan", ENV=ENVIRONMENT)
    assert f"{ENVIRONMENT}: no changes" in again.stdout, again.stdout + again.stderr


def test_a_page_may_ask_and_read_what_function_and_gateway_answer(grown: Grown) -> None:
    deployed = grown.deployed[ENVIRONMENT]
    bare = Deployed(ENVIRONMENT, "", {**deployed.outputs, "api_key_required": False})
    asked = send(bare, "OPTIONS", "/items/none", origin=ORIGIN, access_control_request_method="PUT")
    assert (asked.status, asked.headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert "PUT" in asked.headers["access-control-allow-methods"].split(",")
    answers = [send(deployed, "GET", "/items/none"), send(deployed, "GET", "/nowhere"), send(bare, "GET", "/items")]
    assert [one.code for one in answers] == ["not_found", "route_not_found", "forbidden"]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert {"ETag", "Location", "Retry-After"} <= set(answer.headers["access-control-expose-headers"].split(","))


def test_a_release_takes_the_second_services_code_live(grown: Grown) -> None:
    handler = grown.clone.root / "lambda" / SERVICE / "handler.py"
    handler.write_text(handler.read_text() + "\n# changed\n")
    assert grown.versions() == {"items": "1", SERVICE: "1"}
    for verb in ("plan", "apply", "release"):
        done = grown.clone.run(verb, ENV=FREE)
        assert done.returncode == 0, done.stdout + done.stderr
    assert grown.versions() == {"items": "1", SERVICE: "2"}
    back = grown.clone.run("rollback", ENV=FREE)
    assert back.returncode == 0, back.stdout + back.stderr
    assert grown.versions() == {"items": "1", SERVICE: "1"}


@pytest.fixture(scope="module")
def storm(grown: Grown) -> Storm:
    """Have a message wait too long and take large orders, then let it calm down."""
    found, client, deployed = Storm(grown.aws), grown.aws("cloudwatch"), grown.deployed[ENVIRONMENT]
    found.listen(PRODUCT.name("alarms", ENVIRONMENT))
    found.begin()
    waiting = {
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Value": MAX_AGE_SECONDS + 1,
        "Unit": "Seconds",
        "Dimensions": [{"Name": "QueueName", "Value": QUEUE}],
    }
    streams = [
        Stream(lambda: client.put_metric_data(Namespace="AWS/SQS", MetricData=[waiting]), 1, pause_seconds=0.3),
        Stream(lambda: send(deployed, "POST", "/orders", {"customer": "ada", "number": 5000}), 1, pause_seconds=0.3),
    ]
    found.rage([PRODUCT.name(key, ENVIRONMENT) for key in ("service", *ALARMS)], streams)
    found.calm_down()
    return found


@pytest.mark.parametrize("key", ALARMS)
def test_an_alarm_on_what_was_added_fires_tells_and_clears(report: Report, storm: Storm, key: str) -> None:
    with report.scenario(
        f"alarm-{key}",
        ENVIRONMENT,
        injected=ALARMS[key],
        expected="OK, then ALARM, then OK; both changes reach a queue subscribed to the topic",
        how="published" if key == QUEUE_ALARM else "real",
    ) as seen:
        storm.fired_told_and_cleared(PRODUCT.name(key, ENVIRONMENT), seen)
        assert "ALARM" in storm.states_of(PRODUCT.name("service", ENVIRONMENT))
