"""Gap: when an alarm fires.

Upstream: all data points of namespace and metric are pooled, **whatever their dimensions**, over the whole
window; periods, data points to alarm and missing data play no part; alarms on metric queries are never
evaluated; and nothing is evaluated until somebody calls ``PutMetricData``.

AWS: "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data" and "Percentile-based CloudWatch
alarms and low data samples", Amazon CloudWatch User Guide: the exact set of dimensions (and the unit, if the
alarm names one); once a minute (every 10 seconds for periods below a minute) over whole periods that end at that
minute; M of N; see :mod:`harness.localaws.alarm_state`.

Fill: a timer evaluates as documented and moves composite alarms along. So that a test need not wait minutes, the
server's *time factor* shortens every period: with a factor of 30, a period of 60 s spans 2 real seconds, and so
does the minute between evaluations. Data points keep their real times, thresholds and counts are untouched; a
factor changes only how long a period is. It is 1 unless a test asks otherwise.
"""

import asyncio
import logging
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from harness.localaws.alarm_state import EXTRA_PERIODS, Condition, Missing, State, evaluate
from harness.localaws.metric_math import UnsupportedExpression, compute
from harness.localaws.patching import original, replaces
from harness.localaws.settings import TIME_FACTOR

_TICK_SECONDS = 0.25
_MINUTE = 60
_SHORT_STEP = 10  # "Alarm evaluation": alarms with a period below a minute are evaluated every 10 seconds
_log = logging.getLogger("harness.localaws")

Point = Mapping[str, Any]


def _factor() -> float:
    return float(os.environ.get(TIME_FACTOR, "1"))


def _points(metric: Mapping[str, Any], unit: str | None) -> Sequence[Point]:
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])
    key = (metric.get("Namespace"), metric.get("MetricName"), cloudwatch._dims_key(dimensions))
    return [point for point in cloudwatch._metrics.get(key, ()) if unit in (None, "", point.get("Unit"))]


def _windows(points: Sequence[Point], period: float, end: float, count: int) -> list[list[Point]]:
    """Group ``points`` by period, the oldest first; each is ``period`` real seconds long, the last ends at ``end``."""
    found: list[list[Point]] = [[] for _ in range(count)]
    for point in points:
        ago = (end - float(point["Timestamp"])) / period
        if 0 < ago <= count:
            found[count - 1 - int(ago - 1e-9)].append(point)
    return found


def _statistic(points: Sequence[Point], statistic: str) -> float | None:
    if not points:
        return None
    value = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)
    return None if value is None else float(value)


def _series(metric: Mapping[str, Any], statistic: str, period: int, end: float, count: int) -> list[float | None]:
    points = _points(metric, metric.get("Unit"))
    return [_statistic(window, statistic) for window in _windows(points, period / _factor(), end, count)]


def _of_queries(queries: Sequence[Mapping[str, Any]], end: float, count: int) -> list[float | None]:
    """Compute the series of the one query that returns data. Expressions may use each other in any order."""
    series: dict[str, list[float | None]] = {}
    for query in queries:
        if stat := query.get("MetricStat"):
            metric = {**stat["Metric"], "Unit": stat.get("Unit")}
            series[query["Id"]] = _series(metric, stat["Stat"], int(stat["Period"]), end, count)
    pending = {query["Id"]: query["Expression"] for query in queries if query.get("Expression")}
    for _ in range(len(pending)):
        for name, expression in list(pending.items()):
            try:
                columns = [{key: values[i] for key, values in series.items()} for i in range(count)]
                series[name] = [compute(expression, column) for column in columns]
                del pending[name]
            except UnsupportedExpression:
                if len(pending) == 1:
                    raise
    returned = [query["Id"] for query in queries if query.get("ReturnData", True)]
    return series[returned[0]]


def _period(alarm: Mapping[str, Any]) -> int:
    periods = [query["MetricStat"]["Period"] for query in alarm.get("Metrics") or [] if query.get("MetricStat")]
    return int(max(periods, default=0) or alarm.get("Period") or _MINUTE)


def _boundary(alarm: Mapping[str, Any], now: float) -> float:
    step = (_MINUTE if _period(alarm) >= _MINUTE else _SHORT_STEP) / _factor()
    return now // step * step


def _too_few_samples(alarm: Mapping[str, Any], end: float) -> bool:
    """Tell if a percentile is to be ignored because it rests on too few samples."""
    statistic = alarm.get("ExtendedStatistic") or ""
    if alarm.get("EvaluateLowSampleCountPercentile") != "ignore" or not statistic.startswith("p"):
        return False
    share = float(statistic[1:]) / 100
    needed = 10 / (1 - share if share >= 0.5 else share) if 0 < share < 1 else 0
    period = _period(alarm) / _factor()
    [latest] = _windows(_points(alarm, alarm.get("Unit")), period, end, 1)
    return sum(float(point.get("Count", 1)) for point in latest) < needed


def _values(alarm: Mapping[str, Any], end: float) -> list[float | None]:
    count = int(alarm["EvaluationPeriods"]) + EXTRA_PERIODS
    if alarm.get("Metrics"):
        return _of_queries(alarm["Metrics"], end, count)
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    return _series(alarm, statistic, _period(alarm), end, count)


def _condition(alarm: Mapping[str, Any]) -> Condition:
    periods = int(alarm["EvaluationPeriods"])
    return Condition(
        periods=periods,
        breaches=int(alarm.get("DatapointsToAlarm") or periods),
        comparison=alarm.get("ComparisonOperator") or "",
        threshold=float(alarm.get("Threshold") or 0),
        missing=Missing(alarm.get("TreatMissingData") or "missing"),
    )


def _reason(values: Sequence[float | None], condition: Condition, state: State) -> str:
    known = [value for value in values if value is not None]
    if state is State.INSUFFICIENT_DATA or not known:
        return f"Insufficient Data: {len(values) - len(known)} datapoints were unknown."
    shown = ", ".join(f"{value:g}" for value in known[-condition.periods :])
    return (
        f"Threshold Crossed: datapoints [{shown}], {condition.breaches} of {condition.periods} needed, "
        f"{condition.comparison} {condition.threshold:g}."
    )


def _evaluate(alarm: Any) -> None:
    end = _boundary(alarm, time.time())
    if _too_few_samples(alarm, end):
        return
    values, condition = _values(alarm, end), _condition(alarm)
    before = State(alarm["StateValue"])
    state = evaluate(condition, values, before)
    if state is before:
        return
    reason = _reason(values, condition, state)
    alarm |= {"StateValue": str(state), "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
    cloudwatch._record_history(alarm["AlarmName"], str(before), str(state), reason)
    cloudwatch._dispatch_alarm_actions(alarm, str(before), str(state), reason)
    cloudwatch._evaluate_parent_alarms(alarm)


_evaluated: dict[tuple[Any, ...], float] = {}
"""Per alarm, the minute it was last evaluated at."""


def _evaluate_due() -> None:
    for key, alarm in list(cloudwatch._alarms.all_items()):
        boundary = _boundary(alarm, time.time())
        if _evaluated.get(key) == boundary:
            continue
        _evaluated[key] = boundary
        account, region, name = key
        with request_scope(account, region):
            try:
                _evaluate(alarm)
            except (KeyError, ValueError) as error:
                _log.error("alarm %s cannot be evaluated here: %s", name, error)


def install() -> None:
    """Replace ministack's evaluation of alarms."""
    original(cloudwatch, "_evaluate_all_alarms")

    @replaces(cloudwatch, "_evaluate_alarm")
    def _evaluate_alarm(alarm: Any) -> None:
        """Leave a new or changed alarm to the next minute, like any other."""

    @replaces(cloudwatch, "_evaluate_all_alarms")
    def _evaluate_all_alarms() -> None:
        """Leave new data to the next minute."""


async def background() -> None:
    """Evaluate each alarm once per minute of the metrics' time, until cancelled."""
    while True:
        await asyncio.sleep(min(_TICK_SECONDS, _SHORT_STEP / _factor() / 2))
        _evaluate_due()
