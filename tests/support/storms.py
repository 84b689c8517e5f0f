"""Alarms while everything fails: which fired, who was told, and that they clear."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from tests.support.scenarios import Scenario
from tests.support.traffic import Stream
from tests.support.waiting import eventually

TIME_FACTOR = 60.0
"""Alarms see a minute pass in a real second; nothing else does, and thresholds stay what they are."""
# Bounds of what hangs. A machine that is busy takes many times what one takes that is not.
_FIRE_SECONDS = 240.0
_CLEAR_SECONDS = 240.0
_START_SECONDS = 120.0  # until the failing requests arrive


@dataclass
class Storm:
    """What was seen of all alarms of an account.

    Attributes:
        aws: gives clients of the account.
        deployed: what was deployed: alarm name -> its settings.
        states: alarm name -> (monotonic seconds, state) at each change that was seen.
        messages: alarm name -> states of the messages that arrived.
        started: alarm name -> when its storm began, monotonic seconds.
    """

    aws: Callable[[str], Any]
    deployed: dict[str, Any] = field(default_factory=dict)
    states: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    messages: dict[str, list[str]] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)
    _queue: str = ""

    def listen(self, topic: str) -> None:
        """Subscribe a queue to the topic of this name."""
        queues, topics = self.aws("sqs"), self.aws("sns")
        (address,) = (
            one["TopicArn"] for one in topics.list_topics()["Topics"] if one["TopicArn"].rpartition(":")[2] == topic
        )
        self._queue = str(queues.create_queue(QueueName="alarm-listener")["QueueUrl"])
        asked = queues.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = asked["Attributes"]["QueueArn"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": address}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        queues.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        topics.subscribe(TopicArn=address, Protocol="sqs", Endpoint=arn)

    def begin(self) -> None:
        """Wait until nothing is in ALARM, and forget what was seen."""
        self.calm_down()
        self.states.clear()
        self.messages.clear()
        self._look()

    def rage(self, names: Sequence[str], streams: Sequence[Stream]) -> None:
        """Keep the streams going until each of these alarms has fired, or what they wait for hangs."""
        self.started |= dict.fromkeys(names, time.monotonic())
        with ExitStack() as stack:
            for stream in streams:
                stack.enter_context(stream)

            def fired() -> bool:
                self._look()
                return all("ALARM" in self.states_of(name) for name in names)

            eventually(fired, _FIRE_SECONDS)

    def calm_down(self) -> None:
        """Wait until nothing is in ALARM any more, and read the messages."""

        def is_quiet() -> bool:
            self._look()
            return all(seen[-1][1] != "ALARM" for seen in self.states.values())

        eventually(is_quiet, _CLEAR_SECONDS)
        self._hear()

    def states_of(self, name: str) -> list[str]:
        """List the states an alarm was seen in."""
        return [state for _, state in self.states.get(name, [])]

    def fired_told_and_cleared(self, name: str, seen: Scenario, slow_seconds: float = 0.0) -> None:
        """Assert that an alarm fired in time, that both changes were told, and that it is over.

        Args:
            name: of the alarm.
            seen: gets what was observed.
            slow_seconds: how long what it watches takes to be measured at all.
        """
        states, messages = self.states_of(name), self.messages.get(name, [])
        seen.saw(f"states {states}, messages {messages}")
        assert "ALARM" in states
        fired = next(at for at, state in self.states[name] if state == "ALARM") - self.started.get(name, 0)
        seen.saw(f"ALARM {fired * TIME_FACTOR / 60:.1f} alarm minutes after the storm began")
        assert states[-1] == "OK"
        assert "ALARM" in messages and messages[-1] == "OK"
        if "Period" in self.deployed[name]:
            assert fired < _window_seconds(self.deployed[name]) + slow_seconds + _START_SECONDS

    def _look(self) -> None:
        pages = self.aws("cloudwatch").get_paginator("describe_alarms")
        for page in pages.paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
            for alarm in page["MetricAlarms"] + page["CompositeAlarms"]:
                self.deployed[alarm["AlarmName"]] = alarm
                seen = self.states.setdefault(alarm["AlarmName"], [])
                if not seen or seen[-1][1] != alarm["StateValue"]:
                    seen.append((time.monotonic(), alarm["StateValue"]))

    def _hear(self) -> None:
        queues = self.aws("sqs")
        asked = {"QueueUrl": self._queue, "MaxNumberOfMessages": 10}
        while self._queue and (messages := queues.receive_message(**asked).get("Messages")):
            for message in messages:
                said = json.loads(json.loads(message["Body"])["Message"])
                self.messages.setdefault(said["AlarmName"], []).append(said["NewStateValue"])
                queues.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])


def _window_seconds(alarm: dict[str, Any]) -> float:
    """Real seconds the alarm's evaluation window spans, and one period until it begins."""
    return (int(alarm["EvaluationPeriods"]) + 1) * int(alarm["Period"]) / TIME_FACTOR
