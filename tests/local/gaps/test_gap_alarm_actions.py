"""Probe of gap_alarm_actions."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator, allow, as_role, refused

_TOPIC = "arn:aws:sns:eu-west-1:000000000000:told"
_END = "arn:aws:automate:eu-west-1:ec2:terminate"
_METRIC = {
    "Namespace": "Any", "MetricName": "any", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip


def _teller(emulator: Emulator) -> Any:
    """Sign in as who may make alarms that tell one topic."""
    only: dict[str, Any] = {"ForAllValues:StringEquals": {"cloudwatch:AlarmActions": _TOPIC}}
    actions = ("cloudwatch:PutMetricAlarm", "cloudwatch:PutCompositeAlarm")
    return as_role(emulator, "teller", allow(*actions, **only))("cloudwatch")


def test_stock_still_knows_no_actions(stock: Emulator) -> None:
    made = refused(lambda: _teller(stock).put_metric_alarm(AlarmName="ends", **_METRIC, AlarmActions=[_END]))
    assert made == "", "upstream knows the condition key: delete gap_alarm_actions"


def test_what_an_alarm_does_in_any_state_is_asked(filled: Emulator) -> None:
    teller = _teller(filled)
    assert refused(lambda: teller.put_metric_alarm(AlarmName="quiet", **_METRIC)) == ""
    assert refused(lambda: teller.put_metric_alarm(AlarmName="tells", **_METRIC, AlarmActions=[_TOPIC])) == ""
    for state in ("AlarmActions", "InsufficientDataActions", "OKActions"):
        does: dict[str, Any] = {state: [_TOPIC, _END]}
        asked = refused(lambda does=does: teller.put_metric_alarm(AlarmName="ends", **_METRIC, **does))
        assert asked == "cloudwatch:PutMetricAlarm", state
        rule = {"AlarmName": "all", "AlarmRule": 'ALARM("tells")'}
        asked = refused(lambda does=does, rule=rule: teller.put_composite_alarm(**rule, **does))
        assert asked == "cloudwatch:PutCompositeAlarm", state
