"""Metric alarms that CloudWatch refuses, or that never have data: periods, windows, statistics, maths, bands, SQL."""

from __future__ import annotations

from typing import Any

from tests.support.builder import Res, plan
from tests.support.pairs import Pair
from tests.unit.rules.pairs.alarms import ALARM, FUNCTION, GOOD, TOPIC

from harness.plan import UNKNOWN

ERRORS = {
    "namespace": "AWS/Lambda",
    "metric_name": "Errors",
    "dimensions": {"FunctionName": "api-shop-copy"},
    "stat": "Sum",
    "period": 60,
}
NOTHING = {"namespace": ..., "metric_name": ..., "dimensions": ..., "statistic": ..., "period": ...}
M1 = {"id": "m1", "metric": [ERRORS], "return_data": False}
M2 = {"id": "m2", "metric": [{**ERRORS, "metric_name": "Invocations"}], "return_data": False}
RATE = {"id": "e1", "expression": "100 * FILL(m1, 0) / IF(m2 > 0 AND m1 >= 0, m2, 1)", "return_data": True}
SQL = {
    "id": "q1",
    "expression": 'SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName) GROUP BY FunctionName',
    "period": 300,
    "return_data": True,
}
WATCHED = {**M1, "return_data": True}
BAND = {"id": "b1", "expression": "ANOMALY_DETECTION_BAND(m1, 2.5)", "return_data": True}
BANDED = {"threshold": ..., "threshold_metric_id": "b1", "comparison_operator": "GreaterThanUpperThreshold"}


def on(*queries: Any, **changes: Any) -> Res:
    return ALARM.but(**NOTHING, metric_query=list(queries)).but(**changes)


def pair(way: str, says: str, broken: Res, mended: Res) -> Pair:
    return Pair("alarm-liveness", way, plan(FUNCTION, TOPIC, broken), plan(FUNCTION, TOPIC, mended), says)


def maths(way: str, says: str, *queries: Any) -> Pair:
    return pair(way, says, on(*queries), on(M1, M2, RATE))


def expression(way: str, says: str, text: Any) -> Pair:
    return maths(way, says, M1, M2, {**RATE, "expression": text})


def metrics(count: int) -> list[dict[str, Any]]:
    return [*({**M1, "id": f"m{number}"} for number in range(1, count + 1)), {**RATE, "expression": "SUM(METRICS())"}]


def insights(way: str, says: str, **changes: Any) -> Pair:
    own = {name: value for name, value in changes.items() if name not in SQL}
    return pair(way, says, on({**SQL, **{name: changes[name] for name in changes if name in SQL}}).but(**own), on(SQL))


def banded(way: str, says: str, *queries: Any, **changes: Any) -> Pair:
    return pair(way, says, on(*queries, **{**BANDED, **changes}), on(WATCHED, BAND, **BANDED))


def plain(way: str, says: str, mended: dict[str, Any], **changes: Any) -> Pair:
    return pair(way, says, ALARM.but(**changes), ALARM.but(**mended))


def duration(statistic: str) -> dict[str, Any]:
    return {"metric_name": "Duration", "statistic": None, "extended_statistic": statistic, "threshold": 100}


PAIRS = (
    plain("unit", "unit is Seconds: data of any other unit", {"unit": ""}, unit="Seconds"),
    plain("below-nothing", "threshold 0 is never passed: no metric of AWS is below 0",
          {"comparison_operator": "LessThanOrEqualToThreshold", "threshold": 0},
          comparison_operator="LessThanThreshold", threshold=0),
    plain("below-zero", "threshold -1 is never passed: no metric of AWS is below 0",
          {"comparison_operator": "LessThanThreshold", "threshold": 1},
          comparison_operator="LessThanOrEqualToThreshold", threshold=-1),
    maths("unit-of-a-metric", "unit is Seconds", {**M1, "metric": [{**ERRORS, "unit": "Seconds"}]}, M2, RATE),
    expression("constant", "comes from a metric: it never changes", "TIME_SERIES(0)"),
    expression("of-itself", "comes from a metric: it never changes", "e1"),
    expression("times-nothing", "m1 / m2 * 0 is always 0", "m1 / m2 * 0"),
    expression("nothing-times", "0*m1 is always 0", "0*m1"),
    expression("less-itself", "(m1 - m1) is always 0", "(m1 - m1)"),
    Pair("alarm-liveness", "times-a-tenth", plan(FUNCTION, TOPIC, on(M1, M2, {**RATE, "expression": "m1 * m2 * 0.0"})),
         plan(FUNCTION, TOPIC, on(M1, M2, {**RATE, "expression": "m1 * m2 * 0.1 + m1 * 0"})), "is always 0"),
    maths("unused", "metric_query m2 is used by nothing", M1, M2, {**RATE, "expression": "m1 * 0.5"}),
    maths("quoted", "metric_query m2 is used by nothing", M1, M2, {**RATE, "expression": "FILL(m1, 'm2')"}),
    plain("period-of-a-second", "a period is 1 s; CloudWatch takes 10, 20, 30 or a multiple of 60", {}, period=1),
    plain("period-of-ninety", "a period is 90 s", {"period": 120}, period=90),
    plain("period-that-aws-does-not-emit", "AWS emits its metrics once a minute", {"period": 60}, period=30),
    plain("window-of-a-day", "61 x 1440 s = 87840 s; CloudWatch takes up to 86400 s",
          {"period": 1440, "evaluation_periods": 60}, period=1440, evaluation_periods=61),
    plain("window-of-a-week", "169 x 3600 s = 608400 s; CloudWatch takes up to 604800 s",
          {"period": 3600, "evaluation_periods": 168}, period=3600, evaluation_periods=169),
    plain("no-periods", "evaluates 0 x 300 s", {}, evaluation_periods=0),
    plain("half-a-datapoint", "1.5 of 2 data points", {"datapoints_to_alarm": 1}, datapoints_to_alarm=1.5),
    plain("percentile-of-nothing", "statistic p101 says nothing", duration("p98.5"), **duration("p101")),
    plain("trimmed-mean-of-nothing", "statistic TM(10%) says nothing", duration("TM(10%:90%)"), **duration("TM(10%)")),
    plain("two-statistics", "statistic and extended_statistic are both set", duration("tm99"),
          **{**duration("p99"), "statistic": "Average"}),
    plain("samples-without-percentile", "is about percentiles",
          {**duration("p99"), "evaluate_low_sample_count_percentiles": "ignore"},
          evaluate_low_sample_count_percentiles="ignore"),
    plain("samples-misspelt", "CloudWatch takes evaluate or ignore",
          {**duration("p99"), "evaluate_low_sample_count_percentiles": "evaluate"},
          **duration("p99"), evaluate_low_sample_count_percentiles="ignored"),
    plain("no-such-comparison", "comparison_operator Above needs threshold_metric_id", {}, comparison_operator="Above"),
    plain("band-without-an-id", "GreaterThanUpperThreshold needs threshold_metric_id", {},
          comparison_operator="GreaterThanUpperThreshold"),
    plain("duration-at-timeout", "is never passed",
          {**duration("p99"), "comparison_operator": "GreaterThanOrEqualToThreshold", "threshold": 10_000},
          **{**duration("p99"), "comparison_operator": "GreaterThanOrEqualToThreshold", "threshold": 10_001}),
    pair("metric-and-queries", "metric_query and metric_name are both set", ALARM.but(metric_query=[WATCHED]), ALARM),
    pair("queries-unknown", "needs an expression or a metric", ALARM.but(**NOTHING, metric_query=UNKNOWN), on(WATCHED)),
    maths("nothing-watched", "0 queries have return_data = true", M1, M2, {**RATE, "return_data": None}),
    maths("two-watched", "2 queries have return_data = true", WATCHED, M2, RATE),
    maths("query-of-both", "needs an expression or a metric, one of them", M1, M2, {**RATE, "metric": [ERRORS]}),
    maths("query-of-neither", "needs an expression or a metric", M1, M2, {"id": "e1", "return_data": True}),
    maths("query-of-an-unknown-metric", "its metric is unknown until apply", {**M1, "metric": UNKNOWN}, M2, RATE),
    maths("query-misspelt-metric", "AWS/Lambda Erors is no metric",
          {**M1, "metric": [{**ERRORS, "metric_name": "Erors"}]}, M2, RATE),
    maths("query-dimension", "dimension FunctionName is f-prd",
          {**M1, "metric": [{**ERRORS, "dimensions": {"FunctionName": "f-prd"}}]}, M2, RATE),
    maths("query-statistic", "statistic p99 says nothing about Errors",
          {**M1, "metric": [{**ERRORS, "stat": "p99"}]}, M2, RATE),
    maths("query-period", "a period is 45 s",
          {**M1, "metric": [{**ERRORS, "period": 45}]}, RATE | {"expression": "m1"}),
    maths("several-periods", "metrics have several periods", {**M1, "metric": [{**ERRORS, "period": 300}]}, M2, RATE),
    maths("id-in-capitals", "the id must be a lowercase letter", M1, {**M2, "id": "M2"},
          {**RATE, "expression": "m1 / M2"}),
    maths("id-twice", "the id must be", M1, {**M2, "id": "m1"}, {**RATE, "expression": "m1"}),
    pair("eleven-metrics", "11 metrics; CloudWatch takes 10", on(*metrics(11)), on(*metrics(10))),
    expression("expression-unknown", "its expression is unknown until apply", UNKNOWN),
    expression("expression-of-an-unknown-id", "m3 is the id of no query", "m1 / m3"),
    expression("expression-of-an-unknown-function", "MEDIAN is no function of metric maths", "MEDIAN([m1, m2])"),
    expression("expression-search", "SEARCH finds any number of metrics",
               "SUM(SEARCH('{AWS/Lambda,FunctionName} MetricName=\"Errors\"', 'Sum'))"),
    expression("expression-of-several-series", "METRICS() is several time series", "METRICS('m')"),
    expression("expression-cut-off", "parentheses of", "SUM([m1, m2]"),
    pair("expression-too-long", "has 2049 characters; CloudWatch takes 2048",
         on(M1, {**RATE, "expression": "m1" + " " * 2047}), on(M1, {**RATE, "expression": "m1" + " " * 2046})),
    plain("samples-unknown", "takes evaluate or ignore", {"evaluate_low_sample_count_percentiles": UNKNOWN},
          evaluate_low_sample_count_percentiles="x"),
    insights("insights-period", "needs a period of its own", period=None),
    insights("insights-high-resolution", "a multiple of 60 s", period=30),
    insights("insights-window", "37 x 300 s = 11100 s; CloudWatch takes up to 10800 s", evaluation_periods=37),
    insights("insights-function", "cannot be read as Metrics Insights", expression="SELECT P99(Errors) FROM x"),
    insights("insights-metric", "AWS/Lambda Erors is no metric", expression='SELECT SUM(Erors) FROM "AWS/Lambda"'),
    maths("insights-twice", "several Metrics Insights queries", SQL, {**SQL, "id": "q2", "return_data": False}),
    banded("band-with-a-static-comparison", "with threshold_metric_id use GreaterThanUpperThreshold", WATCHED, BAND,
           comparison_operator="GreaterThanThreshold"),
    banded("band-and-threshold", "threshold and threshold_metric_id are both set", WATCHED, BAND, threshold=5),
    banded("band-of-no-query", "threshold_metric_id is b2", WATCHED, BAND, threshold_metric_id="b2"),
    banded("band-of-maths", "which is no query of ANOMALY_DETECTION_BAND", WATCHED,
           {**BAND, "expression": "m1 * 2", "return_data": True}),
    banded("band-about-nothing", "the band b1 is about m2", WATCHED,
           {**BAND, "expression": "ANOMALY_DETECTION_BAND(m2)"}),
    banded("band-about-itself", "the band b1 is about b1", WATCHED,
           {**BAND, "expression": "ANOMALY_DETECTION_BAND(b1)"}),
    banded("band-of-no-width", "must be above 0", WATCHED, {**BAND, "expression": "ANOMALY_DETECTION_BAND(m1, 0)"}),
    pair("band-that-is-no-threshold", "ANOMALY_DETECTION_BAND is a threshold", on(M1, BAND), on(WATCHED)),
    Pair("alarm-presence", "watched-by-maths", plan(FUNCTION, on(M2 | {"return_data": True})), plan(
        FUNCTION, on(M1, M2, RATE)), "no alarm lambda-errors", environment="lax"),
    Pair("alarm-liveness", "no-metric-at-all", plan(FUNCTION, TOPIC, ALARM.but(**NOTHING)), GOOD, "is no metric"),
)  # fmt: skip
