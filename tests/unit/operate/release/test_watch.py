"""A release watches the alarm that sums up all that page, whatever it is called in full; else every metric alarm."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.operate.release.watch import watch_of

METRIC, COMPOSITE = "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"


class CloudWatch:
    """Answers with at most fifty alarms, as AWS does."""

    def __init__(self, *on: str, gone: str = "") -> None:
        self.on, self.gone = on, gone

    def describe_alarms(self, *, AlarmNames: list[str], AlarmTypes: list[str]) -> dict[str, Any]:
        assert AlarmTypes == ["MetricAlarm", "CompositeAlarm"]
        there = [name for name in AlarmNames if name != self.gone][:50]
        return {
            "MetricAlarms": [{"AlarmName": one, "StateValue": "ALARM" if one in self.on else "OK"} for one in there]
        }


def aws(client: CloudWatch) -> Aws:
    return cast(Aws, SimpleNamespace(client=lambda _: client))


def watched(*alarms: tuple[str, str], suffix: str = "alice") -> tuple[str, ...]:
    return watch_of(aws(CloudWatch()), [(kind, {"alarm_name": name}) for kind, name in alarms], suffix).names


@pytest.mark.parametrize("name", ["service-alice", "shop-service-alice", "my-shop-service-alice"])
def test_the_alarm_that_sums_up_is_enough(name: str) -> None:
    rate = (COMPOSITE, "shop-api-4xx-rate-alice")
    assert watched((METRIC, "shop-lambda-errors-f-alice"), rate, (COMPOSITE, name)) == (name,)


def test_a_suffix_of_that_name_does_not_make_another_alarm_the_sum() -> None:
    errors, rate = "shop-lambda-errors-f-service", "shop-api-4xx-rate-service"
    assert watched((METRIC, errors), (COMPOSITE, rate), suffix="service") == (errors,)


def test_without_it_every_functions_alarms_are_watched_however_many() -> None:
    names = tuple(f"shop-lambda-errors-{number}-alice" for number in range(120))
    state = [(METRIC, {"alarm_name": name}) for name in names]
    assert watch_of(aws(CloudWatch()), state, "alice").firing() == ""
    assert watch_of(aws(CloudWatch(names[110])), state, "alice").firing() == f"{names[110]}: no reason given"
    with pytest.raises(HarnessError, match="the alarm shop-lambda-errors-77-alice is gone"):
        watch_of(aws(CloudWatch(gone=names[77])), state, "alice").firing()


def test_a_stack_without_an_alarm_has_nothing_to_watch() -> None:
    with pytest.raises(HarnessError, match="the stack has no alarm"):
        watched(("aws_lambda_function", "f"))
