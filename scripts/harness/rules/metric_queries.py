"""Queries of a metric alarm: metrics, maths over them, bands of anomaly detection, Metrics Insights.

Source: PutMetricAlarm and MetricDataQuery in the API reference of Amazon CloudWatch; "Using math expressions with
CloudWatch metrics", "Limits" of alarms and "Metrics Insights quotas", Amazon CloudWatch User Guide.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.plan import ResourceChange, number

FUNCTIONS = frozenset(
    {
        "ABS", "ANOMALY_DETECTION_BAND", "AVG", "CEIL", "DATAPOINT_COUNT", "DATE", "DAY", "DB_PERF_INSIGHTS", "DIFF",
        "DIFF_TIME", "EPOCH", "FILL", "FIRST", "FLOOR", "HOUR", "IF", "INSIGHT_RULE_METRIC", "LAMBDA", "LAST", "LOG",
        "LOG10", "MAX", "METRICS", "METRIC_COUNT", "MIN", "MINUTE", "MONTH", "PERIOD", "RATE", "REMOVE_EMPTY",
        "RUNNING_SUM", "SEARCH", "SERVICE_QUOTA", "SLICE", "SORT", "STDDEV", "SUM", "TIME_SERIES", "YEAR",
    }
)  # fmt: skip
"""Functions of metric maths."""

_MOST_METRICS, _MOST_CHARACTERS = 10, 2048
_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|\b[A-Za-z_]\w*\b\s*\(?")
_OWN_DATA = {"DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC"}
_ZERO = r"0+(?:\.0*)?"
_VOID = re.compile(rf"\s*\(*\s*(?:(\w+)\s*-\s*\1|[\w\s.*/()]+\*\s*{_ZERO}(?![\w.])[^-+]*|{_ZERO}\s*[*/][^-+]*)[\s)]*")
"""Expressions that are 0 whatever is measured."""
_WORDS = {"AND", "OR", "REPEAT", "LINEAR", "ASC", "DESC"}
_BAND = re.compile(r"\s*ANOMALY_DETECTION_BAND\(\s*(?P<of>\w+)\s*(?:,\s*(?P<width>[0-9.]+)\s*)?\)\s*")
_INSIGHTS = re.compile(
    r"\s*SELECT\s+(?:AVG|COUNT|MAX|MIN|SUM)\(\s*\"?(?P<metric>[\w.]+)\"?\s*\)\s+FROM\s+"
    r"(?:SCHEMA\(\s*)?\"?(?P<namespace>[\w/.-]+)\"?.*",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A metric that an alarm looks at, as the alarm itself or one of its queries names it."""

    namespace: object
    metric: object
    dimensions: object
    statistic: object
    period: object


def queries_of(alarm: ResourceChange) -> list[Mapping[str, object]]:
    """List an alarm's queries; what is no query, unknown for instance, is an empty one."""
    listed = alarm.find("metric_query")
    if listed in (None, []):
        return []
    return [one if isinstance(one, dict) else {} for one in (listed if isinstance(listed, list) else [{}])]


def measurements(alarm: ResourceChange) -> Iterator[Measurement]:
    """List the metrics that an alarm looks at by name."""
    queries = queries_of(alarm)
    if not queries:
        # Terraform reads an alarm's missing statistic back as "".
        plain = alarm.find("statistic")
        statistic = alarm.find("extended_statistic") if plain in (None, "") else plain
        namespace, metric, dimensions = (alarm.find(name) for name in ("namespace", "metric_name", "dimensions"))
        yield Measurement(namespace, metric, dimensions, statistic, alarm.find("period"))
    for query in queries:
        if block := query_metric(query):
            namespace, metric, dimensions = (block.get(name) for name in ("namespace", "metric_name", "dimensions"))
            yield Measurement(namespace, metric, dimensions, block.get("stat"), block.get("period"))


def insights_metric(alarm: ResourceChange) -> tuple[str, str] | None:
    """Return namespace and metric of an alarm's Metrics Insights query, ``None`` without a readable one."""
    for query in queries_of(alarm):
        match = _INSIGHTS.fullmatch(str(query.get("expression"))) if is_insights(query) else None
        if match:
            return match["namespace"], match["metric"]
    return None


def is_insights(query: Mapping[str, object]) -> bool:
    """Tell if a query is one of Metrics Insights, which is SQL, and not maths."""
    expression = query.get("expression")
    return isinstance(expression, str) and expression.strip().upper().startswith("SELECT")


def malformed(alarm: ResourceChange) -> Iterator[str]:
    """Say what CloudWatch refuses in an alarm's queries."""
    queries = queries_of(alarm)
    if not queries:
        return
    if alarm.find("metric_name") not in (None, ""):
        yield "metric_query and metric_name are both set; an alarm has one or the other"
    band = alarm.find("threshold_metric_id")
    ids = Counter(str(query.get("id")) for query in queries)
    for query in queries:
        yield from (f"metric_query {query.get('id')}: {text}" for text in (*_returned(query), *_query(query, ids)))
    watched = [query.get("id") for query in queries if query.get("return_data") is True and query.get("id") != band]
    yield from _unused(queries, watched, band)
    if len(watched) != 1:
        yield f"{len(watched)} queries have return_data = true; exactly one is what the alarm watches"
    metrics = [metric for query in queries if (metric := query_metric(query))]
    if len(metrics) > _MOST_METRICS:
        yield f"{len(metrics)} metrics; CloudWatch takes {_MOST_METRICS} in an alarm on maths"
    if len({metric.get("period") for metric in metrics}) > 1:
        yield "metrics have several periods; an alarm's maths needs one and the same"
    if sum(map(is_insights, queries)) > 1:
        yield "several Metrics Insights queries; an alarm takes one"
    yield from _banded(band, queries)


def _unused(queries: Sequence[Mapping[str, object]], watched: Sequence[object], band: object) -> Iterator[str]:
    """Report queries that what the alarm watches does not come from, and expressions that come from no metric."""
    inputs = {str(one.get("id")): _inputs(one) for one in queries}
    reached, asked = set[str](), [str(name) for name in (*watched, *([band] if band else []))]
    while asked:
        name = asked.pop()
        if name not in reached:
            reached.add(name)
            found = inputs.get(name, set())
            asked += inputs if "METRICS" in found else found & inputs.keys()
    seen = [one for one in queries if str(one.get("id")) in reached]
    if seen and not any(map(_measures, seen)):
        yield "nothing that the alarm watches comes from a metric: it never changes"
    yield from (f"metric_query {name} is used by nothing" for name in sorted(inputs.keys() - reached))


def _measures(query: Mapping[str, object]) -> bool:
    return query.get("metric") not in (None, []) or is_insights(query) or bool(_OWN_DATA & _inputs(query))


def _inputs(query: Mapping[str, object]) -> set[str]:
    """List the words of an expression that may be ids or functions; METRICS() takes any."""
    expression = query.get("expression")
    if not isinstance(expression, str) or is_insights(query):
        return set()
    return {match[0].rstrip("( \t\n") for match in _WORD.finditer(expression)}


def _query(query: Mapping[str, object], ids: Counter[str]) -> Iterator[str]:
    name, expression, metric = query.get("id"), query.get("expression"), query.get("metric")
    if not isinstance(name, str) or not _ID.fullmatch(name) or ids[name] > 1:
        yield "the id must be a lowercase letter, then letters, digits and underscores, and of this query alone"
    has_expression, has_metric = expression not in (None, ""), metric not in (None, [])
    if has_expression == has_metric:
        yield "needs an expression or a metric, one of them"
    elif has_metric and query_metric(query) is None:
        yield "its metric is unknown until apply; build it from names, so a plan shows it"
    elif has_expression and not isinstance(expression, str):
        yield "its expression is unknown until apply; build it from names, so a plan shows it"
    elif isinstance(expression, str) and len(expression) > _MOST_CHARACTERS:
        yield f"its expression has {len(expression)} characters; CloudWatch takes {_MOST_CHARACTERS}"
    elif is_insights(query):
        yield from _insights(query)
    elif isinstance(expression, str):
        yield from _maths(expression, ids)


def _returned(query: Mapping[str, object]) -> Iterator[str]:
    if not isinstance(returned := query.get("return_data"), bool | None):
        yield f"return_data is {returned}, neither true nor false"


def _insights(query: Mapping[str, object]) -> Iterator[str]:
    if not _INSIGHTS.fullmatch(str(query.get("expression"))):
        yield "cannot be read as Metrics Insights: SELECT FUNCTION(metric) FROM SCHEMA(namespace, dimensions) ..."
    period = number(query.get("period"))
    if period is None or period <= 0 or period % 60:
        yield "a Metrics Insights query needs a period of its own, a multiple of 60 s"


def _whole(expression: str) -> Iterator[str]:
    if expression.count("(") != expression.count(")"):
        yield f"parentheses of {expression} do not match"
    if _VOID.fullmatch(expression):
        yield f"{expression} is always 0"
    if re.fullmatch(r"\s*METRICS\([^)]*\)\s*", expression):
        yield "METRICS() is several time series; put it into SUM, AVG, MIN or MAX"


def _maths(expression: str, ids: Counter[str]) -> Iterator[str]:
    yield from _whole(expression)
    for match in _WORD.finditer(expression):
        word, calls = match[0].rstrip("( \t\n"), match[0].endswith("(")
        if match[0][0] in "\"'" or word in _WORDS:
            continue
        if calls and word == "SEARCH":
            yield "SEARCH finds any number of metrics, and an alarm cannot watch that; name the metrics"
        elif calls and word not in FUNCTIONS:
            yield f"{word} is no function of metric maths"
        elif not calls and word not in ids:
            yield f"{word} is the id of no query"


def _banded(band: object, queries: Sequence[Mapping[str, object]]) -> Iterator[str]:
    bands = {query.get("id"): _BAND.fullmatch(str(query.get("expression"))) for query in queries}
    bands = {name: match for name, match in bands.items() if match}
    if band in (None, ""):
        if bands:
            yield "ANOMALY_DETECTION_BAND is a threshold: name its query in threshold_metric_id"
        return
    match = bands.get(band)
    if match is None:
        yield f"threshold_metric_id is {band}, which is no query of ANOMALY_DETECTION_BAND(id, width)"
    elif match["of"] not in {query.get("id") for query in queries} - bands.keys():
        yield f"the band {band} is about {match['of']}, which is no query"
    elif float(match["width"] or 2) <= 0:
        yield f"the band {band} has a width of {match['width']} standard deviations; it must be above 0"


def query_metric(query: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return the metric of a query, ``None`` for one on an expression."""
    blocks = query.get("metric")
    return blocks[0] if isinstance(blocks, list) and blocks and isinstance(blocks[0], dict) else None
