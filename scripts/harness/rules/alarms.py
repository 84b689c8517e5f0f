"""Rules over alarms: that each can fire, and that whoever it wakes knows what to do."""

import re
from collections.abc import Iterator, Mapping

from harness.facts import Feature
from harness.plan import Plan, ResourceChange, number
from harness.rules.dimensions import catalogue, unreal
from harness.rules.metrics_catalogue import Metric
from harness.rules.presence import COMPOSITE_ALARM, METRIC_ALARM, rule_names
from harness.rules.publishing import deaf_topics
from harness.rules.relations import FUNCTION
from harness.rules.rule import Context, Violation, names

_LONGEST_WINDOW_SECONDS = 24 * 3600
"""CloudWatch evaluates at most one day (API reference of PutMetricAlarm; seven for periods of an hour or more)."""


def alarm_liveness(context: Context) -> Iterator[Violation]:
    """An alarm whose metric, statistic or dimensions do not exist, or whose message reaches nobody, is silent for
    ever, and with missing data treated as fine it even looks healthy."""
    plan = context.plan
    metrics, composites = catalogue(context), plan.of_type(COMPOSITE_ALARM)
    # What a composite listens to needs no action of its own.
    fed = frozenset(name for composite in composites for name in rule_names(composite))
    for alarm in plan.of_type(METRIC_ALARM):
        yield from _measurable(alarm, metrics, context)
        yield from _reachable(alarm, plan)
        yield from _heard(alarm, context, fed)
    known = names(plan, METRIC_ALARM, "alarm_name") | names(plan, COMPOSITE_ALARM, "alarm_name")
    for composite in composites:
        yield from _composed(composite, known)
        yield from _heard(composite, context, fed)
    yield from deaf_topics(plan)


def alarm_guidance(context: Context) -> Iterator[Violation]:
    """Whoever is woken needs a runbook, and what a period without data means must be somebody's decision: CloudWatch's
    default leaves the alarm in INSUFFICIENT_DATA, which pages nobody."""
    for alarm in context.plan.of_type(METRIC_ALARM, COMPOSITE_ALARM):
        text = alarm.find("alarm_description")
        if not isinstance(text, str) or not re.search(r"Runbook: \S+\.md", text):
            yield Violation(alarm.address, "no runbook in alarm_description; end it with `Runbook: <path>.md`")
    for alarm in context.plan.of_type(METRIC_ALARM):
        written = context.plan.configuration.attributes(alarm.module, alarm.type, alarm.name)
        if "treat_missing_data" not in written:
            yield Violation(alarm.address, "treat_missing_data is not set; choose what a period without data means")


def _measurable(
    alarm: ResourceChange, metrics: Mapping[tuple[str, str], Metric], context: Context
) -> Iterator[Violation]:
    """Namespace, metric, statistic and dimension set exist, and the dimensions' values are of this stack."""
    key = (str(alarm.find("namespace")), str(alarm.find("metric_name")))
    metric = metrics.get(key)
    if metric is None:
        known = "AWS (metrics_catalogue.py) or a service of this plan (service.yaml)"
        yield Violation(alarm.address, f"{' '.join(key)} is no metric that {known} is known to emit")
        return
    plain, extended = alarm.find("statistic"), alarm.find("extended_statistic")
    # Terraform reads an alarm's missing statistic back as "".
    statistic = extended if plain in (None, "") else plain
    if statistic not in metric.statistics:
        allowed = ", ".join(sorted(metric.statistics))
        yield Violation(alarm.address, f"statistic {statistic} says nothing about {key[1]}; use one of {allowed}")
    dimensions = alarm.find("dimensions")
    dimensions = {} if dimensions is None else dimensions
    if not isinstance(dimensions, dict):
        yield Violation(
            alarm.address, "dimensions are unknown until apply; build them from names, so a plan shows them"
        )
        return
    if frozenset(dimensions) not in metric.dimensions:
        allowed = " or ".join("+".join(sorted(one)) or "none" for one in metric.dimensions)
        given = "+".join(sorted(dimensions)) or "none"
        yield Violation(alarm.address, f"{key[1]} is not emitted with dimensions {given}; use {allowed}")
    yield from (Violation(alarm.address, problem) for problem in unreal(alarm, dimensions, context))


def _reachable(alarm: ResourceChange, plan: Plan) -> Iterator[Violation]:
    """The threshold can be crossed, within a window CloudWatch evaluates."""
    threshold = number(alarm.find("threshold"))
    if threshold is None:
        yield Violation(alarm.address, "threshold is not a number at plan")
        return
    ceiling, why = _ceiling(alarm, plan)
    if ceiling is not None and threshold >= ceiling and str(alarm.find("comparison_operator")).startswith("Greater"):
        yield Violation(alarm.address, f"threshold {threshold:g} is never passed: {why} is {ceiling:g} at most")
    period, periods = number(alarm.find("period")) or 0, number(alarm.find("evaluation_periods")) or 0
    needed = number(alarm.find("datapoints_to_alarm")) or periods
    if needed > periods:
        yield Violation(alarm.address, f"{needed:g} of {periods:g} data points can never be had")
    if not 0 < period * periods <= _LONGEST_WINDOW_SECONDS:
        window = f"{periods:g} x {period:g} s = {period * periods:g} s"
        yield Violation(alarm.address, f"evaluates {window}; CloudWatch takes up to {_LONGEST_WINDOW_SECONDS} s")


def _ceiling(alarm: ResourceChange, plan: Plan) -> tuple[float | None, str]:
    """Find the largest value that the metric can have of its own function, and what bounds it."""
    metric, dimensions = alarm.find("metric_name"), alarm.find("dimensions")
    measured = dimensions.get("FunctionName") if isinstance(dimensions, dict) else None
    for function in plan.of_type(FUNCTION):
        if function.find("function_name") != measured or measured is None:
            continue
        seconds, reserved = number(function.find("timeout")), number(function.find("reserved_concurrent_executions"))
        if metric == "Duration" and seconds is not None:
            return 1000 * seconds, "the function's timeout in ms"
        if metric == "ConcurrentExecutions" and reserved is not None and reserved > 0:
            return reserved, "the function's reserved concurrency"
    if metric in ("4XXError", "5XXError") and alarm.find("statistic") == "Average":
        return 1, "the average of 0 or 1 a request"
    return None, ""


def _heard(alarm: ResourceChange, context: Context, fed: frozenset[str]) -> Iterator[Violation]:
    """Return its state goes somewhere: to a topic of this stack, or into a composite alarm."""
    if alarm.find("actions_enabled") is False:
        yield Violation(alarm.address, "actions_enabled is false: it changes colour and tells nobody")
    actions = alarm.find("alarm_actions")
    actions = [] if actions is None else actions
    topics = names(context.plan, "aws_sns_topic", "name")
    if not isinstance(actions, list):
        yield Violation(alarm.address, "alarm_actions are unknown until apply; build the topic's ARN from its name")
        return
    # Where no topic is and none is required, nobody is meant to be told.
    wanted = bool(topics) or context.requires(Feature.ALARM_TOPIC)
    if wanted and not actions and alarm.find("alarm_name") not in fed:
        yield Violation(alarm.address, "no alarm_actions, and no composite alarm listens to it")
    for action in actions:
        if not isinstance(action, str) or action.rsplit(":", 1)[-1] not in topics:
            known = ", ".join(sorted(topics)) or "none"
            yield Violation(alarm.address, f"action {action} is no topic of this plan; there is {known}")


def _composed(composite: ResourceChange, known: frozenset[str]) -> Iterator[Violation]:
    """A composite names alarms that exist, and not itself."""
    named = rule_names(composite)
    if not named:
        yield Violation(composite.address, "alarm_rule names no alarm, or is unknown until apply")
    for name in named:
        if name not in known or name == composite.find("alarm_name"):
            yield Violation(composite.address, f"alarm_rule names {name!r}, which is no other alarm of this plan")
