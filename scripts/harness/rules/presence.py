"""Rule over alarms that must be there, found by what they measure."""

from collections.abc import Iterator, Mapping

from harness.facts import Feature
from harness.plan import Plan, ResourceChange, number
from harness.rules.composites import COMPOSITE_ALARM, METRIC_ALARM, rule_names
from harness.rules.metric_queries import measurements
from harness.rules.relations import FUNCTION, REST_API, index_names
from harness.rules.rule import Context, Violation

Families = Mapping[str, tuple[str, ...]]

ALWAYS: Families = {"lambda-errors": ("Errors",)}
OF_FUNCTION: Families = {**ALWAYS, "lambda-duration": ("Duration",), "lambda-throttles": ("Throttles",)}
OF_RESERVED: Families = {"lambda-concurrency": ("ConcurrentExecutions",)}
_THROTTLES = ("ReadThrottleEvents", "WriteThrottleEvents")
OF_TABLE: Families = {"table-system-errors": ("SystemErrors",), "table-throttles": _THROTTLES}
OF_INDEX: Families = {"index-throttles": _THROTTLES}
OF_PARTITIONS: Families = {
    "partition-throttles": ("ReadKeyRangeThroughputThrottleEvents", "WriteKeyRangeThroughputThrottleEvents")
}
OF_MAXIMUM: Families = {
    "maximum-throttles": ("ReadMaxOnDemandThroughputThrottleEvents", "WriteMaxOnDemandThroughputThrottleEvents")
}
OF_QUEUE: Families = {"queue-age": ("ApproximateAgeOfOldestMessage",)}
OF_API: Families = {"api-4xx-rate": ("4XXError",), "api-5xx-rate": ("5XXError",), "api-latency": ("Latency",)}
"""Families of alarms, as runbooks name them, and the metrics each watches."""

_MEASURED = {
    FUNCTION: ("AWS/Lambda", "FunctionName"),
    REST_API: ("AWS/ApiGateway", "ApiName"),
    "aws_dynamodb_table": ("AWS/DynamoDB", "TableName"),
    "aws_sqs_queue": ("AWS/SQS", "QueueName"),
}
_INDEX = "GlobalSecondaryIndexName"
_PARTIAL = {_INDEX, "Method"}
"""Dimensions that narrow an alarm to a part of its function, table or API."""


def alarm_presence(context: Context) -> Iterator[Violation]:
    """A stack without alarms fails in silence: every function's errors are watched, and where every alarm is required,
    each function, table, index, queue and API by every family that a runbook exists for."""
    plan = context.plan
    every = context.requires(Feature.EVERY_ALARM)
    watched = _watched(plan)
    functions = plan.of_type(FUNCTION)
    for function in functions:
        # Concurrency of its own alone can be used up.
        reserves = (number(function.find("reserved_concurrent_executions")) or 0) > 0
        families = {**(OF_FUNCTION if every else ALWAYS), **(OF_RESERVED if every and reserves else {})}
        yield from _missing(function, str(function.find("function_name")), families, watched)
    if not every:
        return
    for table in plan.of_type("aws_dynamodb_table"):
        yield from _of_table(table, watched)
    for queue in plan.of_type("aws_sqs_queue"):
        yield from _missing(queue, str(queue.find("name")), OF_QUEUE, watched)
    for api in plan.of_type(REST_API):
        yield from _missing(api, str(api.find("name")), OF_API, watched)
    wanted = {function.find("function_name") for function in functions}
    if functions and not any(wanted <= one for one in _summed(plan)):
        yield Violation("", "no alarm service: no composite alarm listens to the errors of every function")


def _of_table(table: ResourceChange, watched: frozenset[tuple[str, str]]) -> Iterator[Violation]:
    """Report what nothing watches of a table and its indexes, of which its own metrics count nothing."""
    name = str(table.find("name"))
    # -1 takes a maximum away.
    capped = OF_MAXIMUM if table.find("on_demand_throughput[0].max_read_request_units") not in (None, -1) else {}
    yield from _missing(table, name, {**OF_TABLE, **OF_PARTITIONS, **capped}, watched)
    for index in sorted(index_names(table)):
        yield from _missing(table, _of_index(name, index), {**OF_INDEX, **OF_PARTITIONS, **capped}, watched)


def _of_index(table: object, index: object) -> str:
    return f"{table}, index {index}"


def _watched(plan: Plan) -> frozenset[tuple[str, str]]:
    """Pairs of a metric and a dimension's value that an alarm looks at."""
    return frozenset(pair for alarm in plan.of_type(METRIC_ALARM) for pair in _looks_at(alarm))


def _looks_at(alarm: ResourceChange) -> Iterator[tuple[str, str]]:
    for one in measurements(alarm):
        dimensions = one.dimensions if isinstance(one.dimensions, dict) else {}
        metric = f"{one.namespace} {one.metric}"
        if dimensions.keys() == {"TableName", _INDEX}:
            yield metric, f"TableName {_of_index(dimensions['TableName'], dimensions[_INDEX])}"
        for name, value in dimensions.items() if not dimensions.keys() & _PARTIAL else ():
            if isinstance(value, str):
                yield metric, f"{name} {value}"


def _missing(
    change: ResourceChange, name: str, families: Families, watched: frozenset[tuple[str, str]]
) -> Iterator[Violation]:
    namespace, dimension = _MEASURED[change.type]
    for family, metrics in families.items():
        for metric in metrics:
            if (f"{namespace} {metric}", f"{dimension} {name}") not in watched:
                yield Violation(change.address, f"no alarm {family}: nothing watches {metric} of {name}")


def _summed(plan: Plan) -> Iterator[set[object]]:
    """For each composite alarm the functions whose errors it listens to, by itself or through other composites."""
    listens = {one.find("alarm_name"): rule_names(one) for one in plan.of_type(COMPOSITE_ALARM)}
    errors = {
        alarm.find("alarm_name"): value.removeprefix("FunctionName ")
        for alarm in plan.of_type(METRIC_ALARM)
        for metric, value in _looks_at(alarm)
        if metric == "AWS/Lambda Errors" and value.startswith("FunctionName ")
    }
    for first in listens:
        heard, asked = set[object](), [first]
        while asked:
            name = asked.pop()
            if name not in heard:
                heard.add(name)
                asked += listens.get(name, ())
        yield {errors[name] for name in heard if name in errors}
