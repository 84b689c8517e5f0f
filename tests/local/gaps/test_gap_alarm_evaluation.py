"""Probe of gap_alarm_evaluation, and AWS's own tables for the treatment of missing data."""

from __future__ import annotations

import time
from typing import Any

import pytest
from tests.local.gaps.conftest import TIME_FACTOR, Emulator, eventually

from harness.localaws.alarm_state import EXTRA_PERIODS, Condition, Missing, State, evaluate
from harness.localaws.metric_math import UnsupportedExpression, compute

_PERIOD_SECONDS = 60 / TIME_FACTOR
_KEEP = State.INSUFFICIENT_DATA
_OK, _ALARM, _NONE = State.OK, State.ALARM, State.INSUFFICIENT_DATA


def _alarm(emulator: Emulator, name: str, dimension: str, **settings: Any) -> None:
    alarm = {
        "Namespace": "Probe",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": dimension}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    emulator.client("cloudwatch").put_metric_alarm(AlarmName=name, **(alarm | settings))


def _emit(emulator: Emulator, dimension: str, value: float = 1, unit: str = "Count") -> None:
    datum = {"MetricName": "Errors", "Value": value, "Unit": unit}
    dimensions = [{"Name": "FunctionName", "Value": dimension}]
    emulator.client("cloudwatch").put_metric_data(Namespace="Probe", MetricData=[{**datum, "Dimensions": dimensions}])


def _state(emulator: Emulator, name: str) -> str:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = emulator.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    return str((found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"])


def test_stock_still_fires_on_other_dimensions(stock: Emulator) -> None:
    _alarm(stock, "wrong", "misspelt")
    _emit(stock, "right")
    assert _state(stock, "wrong") == "ALARM", "upstream minds dimensions: delete gap_alarm_evaluation"


def test_only_the_exact_metric_fires_and_it_fires_and_clears_by_itself(filled: Emulator) -> None:
    _alarm(filled, "right", "right", Threshold=1, EvaluationPeriods=2)
    _alarm(filled, "once", "right", Threshold=50)
    _alarm(filled, "wrong-dimension", "misspelt")
    _alarm(filled, "wrong-unit", "right", Unit="Seconds")
    rule = 'ALARM("right") AND NOT ALARM("wrong-dimension")'
    filled.client("cloudwatch").put_composite_alarm(AlarmName="composite", AlarmRule=rule)

    def breach() -> bool:
        _emit(filled, "right", 2)
        return [_state(filled, name) for name in ("right", "composite")] == ["ALARM", "ALARM"]

    assert eventually(breach)
    assert [_state(filled, name) for name in ("wrong-dimension", "wrong-unit")] == ["OK", "OK"]
    assert eventually(lambda: _state(filled, "right") == "OK")
    assert eventually(lambda: _state(filled, "composite") == "OK")


def test_one_breaching_period_of_two_does_not_fire(filled: Emulator) -> None:
    _alarm(filled, "two-of-two", "lonely", EvaluationPeriods=2)
    _emit(filled, "lonely")
    time.sleep(2.5 * _PERIOD_SECONDS)
    history = filled.client("cloudwatch").describe_alarm_history(AlarmName="two-of-two")["AlarmHistoryItems"]
    assert not [item for item in history if "to ALARM" in item["HistorySummary"]]


# The figures of "Configuring how CloudWatch alarms treat missing data": X breaches, 0 does not, - is missing.
_THREE_OF_THREE = [
    ("0-X-X", _OK, _OK, _OK, _OK),
    ("0----", _OK, _OK, _OK, _OK),
    ("-----", _NONE, _KEEP, _ALARM, _OK),
    ("0XX-X", _ALARM, _ALARM, _ALARM, _ALARM),
    ("--X--", _ALARM, _KEEP, _ALARM, _OK),
]
_TWO_OF_THREE = [
    ("0-X-X", _ALARM, _ALARM, _ALARM, _ALARM),
    ("00X0X", _ALARM, _ALARM, _ALARM, _ALARM),
    ("0-X--", _OK, _OK, _ALARM, _OK),
    ("----0", _OK, _OK, _ALARM, _OK),
    ("----X", _ALARM, _KEEP, _ALARM, _OK),
]
_TREATMENTS = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)
_TABLES = [(3, row) for row in _THREE_OF_THREE] + [(2, row) for row in _TWO_OF_THREE]


@pytest.mark.parametrize(("breaches", "row"), _TABLES)
def test_missing_data_as_in_awss_tables(breaches: int, row: tuple[Any, ...]) -> None:
    points, *expected = row
    values = [{"X": 1.0, "0": 0.0, "-": None}[point] for point in points]
    assert len(values) == 3 + EXTRA_PERIODS
    for missing, state in zip(_TREATMENTS, expected, strict=True):
        condition = Condition(3, breaches, "GreaterThanThreshold", 0, missing)
        assert evaluate(condition, values, _KEEP) == state, missing


def test_metric_math() -> None:
    values = {"a": 6.0, "b": 2.0, "none": None}
    assert compute("(a + b) / b - 1", values) == 3
    assert compute("FILL(none, 0) + SUM([a, b, none])", values) == 8
    assert compute("IF(a > 5, b, 0)", values) == 2
    assert compute("a + none", values) is None
    with pytest.raises(UnsupportedExpression, match="ANOMALY"):
        compute("ANOMALY_DETECTION_BAND(a)", values)
