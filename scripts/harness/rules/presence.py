"""Rule over alarms that must be there, found by what they measure."""

from collections.abc import Iterator, Mapping

from harness.facts import Feature
from harness.plan import Plan, ResourceChange, number
from harness.rules.composites import COMPOSITE_ALARM, METRIC_ALARM, rule_names
from harness.rules.metric_queries import measurements
from harness.rules.relations import FUNCTION, REST_API
from harness.rules.rule import Context, Violation

Families = Mapping[str, tuple[str, ...]]

ALWAYS: Families = {"lambda-errors": ("Errors",)}
OF_FUNCTION: Families = {**ALWAYS, "lambda-duration": ("Duration",), "lambda-throttles": ("Throttles",)}
OF_RESERVED: Families = {"lambda-concurrency": ("ConcurrentExecutions",)}
OF_TABLE: Families = {
    "table-system-errors": ("SystemErrors",),
    "table-throttles": ("ReadThrottleEvents", "WriteThrottleEvents"),
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
_PARTIAL = {"GlobalSecondaryIndexName", "Method"}
"""Dimensions that narrow an alarm to a part of its function, table or API."""


def alarm_presence(context: Context) -> Iterator[Violation]:
    """A stack without alarms fails in silence: every function's errors are watched, and where every alarm is required,
    each function, table, queue and API by every family that a runbook exists for."""
    plan = context.plan
    every = context.requires(Feature.EVERY_ALARM)
    watched = _watched(plan)
    functions = plan.of_type(FUNCTION)
    for function in functions:
        # Concurrency of its own alone can be used up.
        reserves = (number(function.find("reserved_concurrent_executions")) or 0) > 0
        families = {**(OF_FUNCTION if every else ALWAYS), **(OF_RESERVED if every and reserves else {})}
        yield from _missing(function, "function_name", families, watched)
    if not every:
        return
    for table in plan.of_type("aws_dynamodb_table"):
        yield from _missing(table, "name", OF_TABLE, watched)
    for queue in plan.of_type("aws_sqs_queue"):
        yield from _missing(queue, "name", OF_QUEUE, watched)
    for api in plan.of_type(REST_API):
        yield from _missing(api, "name", OF_API, watched)
    wanted = {function.find("function_name") for function in functions}
    if functions and not any(wanted <= one for one in _summed(plan)):
        yield Violation("", "no alarm service: no composite alarm listens to the errors of every function")


def _watched(plan: Plan) -> frozenset[tuple[str, str]]:
    """Pairs of a metric and a dimension's value that an alarm looks at."""
    return frozenset(pair for alarm in plan.of_type(METRIC_ALARM) for pair in _looks_at(alarm))


def _looks_at(alarm: ResourceChange) -> Iterator[tuple[str, str]]:
    for one in measurements(alarm):
        if not isinstance(one.dimensions, dict) or one.dimensions.keys() & _PARTIAL:
            continue
        for name, value in one.dimensions.items():
            if isinstance(value, str):
                yield f"{one.namespace} {one.metric}", f"{name} {value}"


def _missing(
    change: ResourceChange, attribute: str, families: Families, watched: frozenset[tuple[str, str]]
) -> Iterator[Violation]:
    namespace, dimension = _MEASURED[change.type]
    name = change.find(attribute)
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
