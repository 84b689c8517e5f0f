"""Checks over metric alarms: what they measure exists, and their thresholds can be crossed.

Source: PutMetricAlarm in the API reference of Amazon CloudWatch, and "Statistics definitions" of its User Guide.
"""

import re
from collections.abc import Iterator, Mapping

from harness.plan import UNKNOWN, Plan, ResourceChange, number
from harness.rules.dimensions import unreal
from harness.rules.metric_queries import (
    Measurement,
    insights_metric,
    is_insights,
    malformed,
    measurements,
    queries_of,
    query_metric,
)
from harness.rules.metrics_catalogue import Metric
from harness.rules.relations import FUNCTION
from harness.rules.rule import Context

_DAY, _HOUR = 24 * 3600, 3600
_INSIGHTS_WINDOW = 3 * _HOUR
_STATIC = {
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
}  # fmt: skip
_BANDED = {"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"}
_SHARE = r"(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)"
_PERCENTILE = re.compile(rf"p{_SHARE}")
_EXTENDED = re.compile(
    rf"(?:p|tm|wm|tc|ts){_SHARE}|IQM|PR\(-?[0-9.]*:-?[0-9.]*\)"
    rf"|(?:TM|WM|TC|TS)\((?:{_SHARE}%:{_SHARE}%|{_SHARE}%:|:{_SHARE}%|-?[0-9.]*:-?[0-9.]*)\)"
)


def measurable(alarm: ResourceChange, metrics: Mapping[tuple[str, str], Metric], context: Context) -> Iterator[str]:
    """Namespaces, metrics, statistics and dimension sets exist, and the dimensions' values are of this stack."""
    yield from malformed(alarm)
    blocks = [block for query in queries_of(alarm) if isinstance(block := query_metric(query), dict)]
    for unit in (alarm.find("unit"), *(block.get("unit") for block in blocks)):
        if unit not in (None, ""):
            yield f"unit is {unit}: data of any other unit are passed over; leave it out"
    if alarm.find("statistic") not in (None, "") and alarm.find("extended_statistic") not in (None, ""):
        yield "statistic and extended_statistic are both set; an alarm has one or the other"
    for one in measurements(alarm):
        yield from _measured(one, metrics, context)
    from_insights = insights_metric(alarm)
    if from_insights and from_insights not in metrics:
        yield _no_metric(from_insights)


def _no_metric(key: tuple[str, str]) -> str:
    known = "AWS (metrics_catalogue.py) or a service of this plan (service.yaml)"
    return f"{' '.join(key)} is no metric that {known} is known to emit"


def _measured(one: Measurement, metrics: Mapping[tuple[str, str], Metric], context: Context) -> Iterator[str]:
    key = (str(one.namespace), str(one.metric))
    metric = metrics.get(key)
    if metric is None:
        yield _no_metric(key)
        return
    if not _says_something(one.statistic, metric):
        allowed = ", ".join(sorted(metric.statistics))
        yield f"statistic {one.statistic} says nothing about {key[1]}; use one of {allowed}"
    dimensions = {} if one.dimensions is None else one.dimensions
    if not isinstance(dimensions, dict):
        yield "dimensions are unknown until apply; build them from names, so a plan shows them"
        return
    if frozenset(dimensions) not in metric.dimensions:
        allowed = " or ".join("+".join(sorted(each)) or "none" for each in metric.dimensions)
        given = "+".join(sorted(dimensions)) or "none"
        yield f"{key[1]} is not emitted with dimensions {given}; use {allowed}"
    yield from unreal(one.namespace, one.metric, dimensions, context)


def _says_something(statistic: object, metric: Metric) -> bool:
    """Tell if a statistic means something: one that is listed, or any share of values where one is listed."""
    if statistic in metric.statistics:
        return True
    shares = any(_PERCENTILE.fullmatch(one) for one in metric.statistics)
    return shares and isinstance(statistic, str) and _EXTENDED.fullmatch(statistic) is not None


def reachable(alarm: ResourceChange, plan: Plan) -> Iterator[str]:
    """The threshold can be crossed, within a window CloudWatch evaluates."""
    yield from _threshold(alarm, plan)
    yield from _window(alarm)
    low = alarm.find("evaluate_low_sample_count_percentiles")
    # The provider computes it where it is not set.
    if low is not UNKNOWN and low not in (None, ""):
        extended = alarm.find("extended_statistic")
        if low not in ("evaluate", "ignore"):
            yield f"evaluate_low_sample_count_percentiles is {low}; CloudWatch takes evaluate or ignore"
        elif not isinstance(extended, str) or not _PERCENTILE.fullmatch(extended):
            yield "evaluate_low_sample_count_percentiles is about percentiles, and this alarm's statistic is none"


def _threshold(alarm: ResourceChange, plan: Plan) -> Iterator[str]:
    operator, band = alarm.find("comparison_operator"), alarm.find("threshold_metric_id")
    threshold = number(alarm.find("threshold"))
    if band not in (None, ""):
        if operator not in _BANDED:
            yield f"comparison_operator {operator} needs a threshold; with threshold_metric_id use {_listed(_BANDED)}"
        # Terraform reads a missing threshold back as 0.
        if threshold:
            yield "threshold and threshold_metric_id are both set; an alarm has one or the other"
        return
    if operator not in _STATIC:
        yield f"comparison_operator {operator} needs threshold_metric_id; with a threshold use {_listed(_STATIC)}"
    if threshold is None:
        yield "threshold is not a number at plan"
    else:
        yield from _crossed(threshold, str(operator), alarm, plan)


def _crossed(threshold: float, operator: str, alarm: ResourceChange, plan: Plan) -> Iterator[str]:
    if operator.startswith("Greater"):
        yield from _beyond(threshold, operator, *_ceiling(alarm, plan))
    elif str(alarm.find("namespace")).startswith("AWS/") and (
        threshold < 0 or (threshold == 0 and operator == "LessThanThreshold")
    ):
        yield f"threshold {threshold:g} is never passed: no metric of AWS is below 0"


def _beyond(threshold: float, operator: object, ceiling: float | None, why: str) -> Iterator[str]:
    if ceiling is None:
        if why:
            yield f"{why} is no number at plan, so nothing shows that threshold {threshold:g} can be passed"
    elif threshold > ceiling or (threshold == ceiling and operator != "GreaterThanOrEqualToThreshold"):
        yield f"threshold {threshold:g} is never passed: {why} is {ceiling:g} at most"


def _listed(words: set[str]) -> str:
    return ", ".join(sorted(words))


def _window(alarm: ResourceChange) -> Iterator[str]:
    """Periods that CloudWatch knows, and not too many of them."""
    periods = number(alarm.find("evaluation_periods")) or 0
    asked = alarm.find("datapoints_to_alarm")
    if asked is not None and number(asked) is None:
        yield f"datapoints_to_alarm is {asked}, no number at plan"
    needed = number(asked) or periods
    if needed > periods or needed < 0 or needed != int(needed):
        yield f"{needed:g} of {periods:g} data points can never be had"
    queries = queries_of(alarm)
    spans = [(number(one.period) or 0, str(one.namespace)) for one in measurements(alarm)]
    for period in sorted({period for period, _ in spans}):
        if period not in (10, 20, 30) and (period <= 0 or period % 60):
            yield f"a period is {period:g} s; CloudWatch takes 10, 20, 30 or a multiple of 60"
    if any(0 < period < 60 and namespace.startswith("AWS/") for period, namespace in spans):
        yield "a period is shorter than a minute, and AWS emits its metrics once a minute"
    period = max([period for period, _ in spans] + [number(query.get("period")) or 0 for query in queries], default=0)
    longest = _DAY if period < _HOUR else 7 * _DAY
    longest = _INSIGHTS_WINDOW if any(map(is_insights, queries)) else longest
    if not 0 < period * periods <= longest:
        window = f"{periods:g} x {period:g} s = {period * periods:g} s"
        yield f"evaluates {window}; CloudWatch takes up to {longest} s"


def _ceiling(alarm: ResourceChange, plan: Plan) -> tuple[float | None, str]:
    """Find the largest value that the metric can have of its own function (None: unread), and what bounds it."""
    metric, dimensions = alarm.find("metric_name"), alarm.find("dimensions")
    measured = dimensions.get("FunctionName") if isinstance(dimensions, dict) else None
    for function in plan.of_type(FUNCTION):
        if function.find("function_name") != measured or measured is None:
            continue
        if metric == "Duration":
            seconds = number(function.find("timeout"))
            return None if seconds is None else 1000 * seconds, "the function's timeout in ms"
        reserved = function.find("reserved_concurrent_executions")
        units = number(reserved)
        if metric == "ConcurrentExecutions" and reserved is not None and (units is None or units > 0):
            return units, "the function's reserved concurrency"
    if metric in ("4XXError", "5XXError") and alarm.find("statistic") == "Average":
        return 1, "the average of 0 or 1 a request"
    return None, ""
