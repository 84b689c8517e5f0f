"""Probe of gap_describe_alarms."""

from __future__ import annotations

from tests.local.gaps.conftest import Emulator

_TOPIC = "arn:aws:sns:eu-west-1:000000000000:topic"
_PUT = {
    "AlarmName": "probe",
    "AlarmDescription": "a & b",
    "Namespace": "AWS/Lambda",
    "MetricName": "Errors",
    "Period": "300",
    "EvaluationPeriods": "3",
    "Threshold": "5",
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
    "Dimensions.member.1.Name": "FunctionName",
    "Dimensions.member.1.Value": "f",
    "InsufficientDataActions.member.1": _TOPIC,
}


def _described(emulator: Emulator, kind: str = "MetricAlarm", name: str = "probe") -> str:
    parameters = {"AlarmTypes.member.1": kind, "AlarmNames.member.1": name}
    return emulator.query("monitoring", "DescribeAlarms", **parameters)


def test_stock_still_omits_fields_over_query(stock: Emulator) -> None:
    stock.query("monitoring", "PutMetricAlarm", Statistic="Sum", **_PUT)
    answer = _described(stock)
    assert "<AlarmName>probe</AlarmName>" in answer
    assert "<Period>" not in answer, "upstream describes alarms over Query: delete gap_describe_alarms"


def test_every_field_of_a_metric_alarm_is_described_and_escaped(filled: Emulator) -> None:
    filled.query("monitoring", "PutMetricAlarm", Statistic="Sum", DatapointsToAlarm="2", **_PUT)
    answer = _described(filled)
    for expected in (
        "<Period>300</Period>",
        "<Statistic>Sum</Statistic>",
        "<DatapointsToAlarm>2</DatapointsToAlarm>",
        "<TreatMissingData>notBreaching</TreatMissingData>",
        "<AlarmDescription>a &amp; b</AlarmDescription>",
        "<Dimensions><member><Name>FunctionName</Name><Value>f</Value></member></Dimensions>",
        f"<InsufficientDataActions><member>{_TOPIC}</member></InsufficientDataActions>",
        "<ActionsEnabled>true</ActionsEnabled>",
    ):
        assert expected in answer


def test_an_extended_statistic_replaces_the_statistic(filled: Emulator) -> None:
    low = "EvaluateLowSampleCountPercentile"
    filled.query(
        "monitoring", "PutMetricAlarm", **{**_PUT, "AlarmName": "p95", "ExtendedStatistic": "p95", low: "ignore"}
    )
    answer = _described(filled, name="p95")
    assert "<ExtendedStatistic>p95</ExtendedStatistic>" in answer
    assert f"<{low}>ignore</{low}>" in answer
    assert "<Statistic>" not in answer


def test_every_field_of_a_composite_alarm_is_described(filled: Emulator) -> None:
    filled.query("monitoring", "PutMetricAlarm", Statistic="Sum", **{**_PUT, "AlarmName": "child"})
    put = {
        "AlarmName": "parent",
        "AlarmRule": 'ALARM("child")',
        "AlarmDescription": "why",
        "AlarmActions.member.1": _TOPIC,
    }
    filled.query("monitoring", "PutCompositeAlarm", **put)
    answer = _described(filled, "CompositeAlarm", "parent")
    assert f"<AlarmActions><member>{_TOPIC}</member></AlarmActions>" in answer
    assert "<AlarmDescription>why</AlarmDescription>" in answer
