"""Rules over alarms: that each can fire, and that whoever it wakes knows what to do."""

import re
from collections.abc import Iterator

from harness.facts import Feature
from harness.plan import ResourceChange
from harness.rules.composites import COMPOSITE_ALARM, METRIC_ALARM, composed, heard_names
from harness.rules.dimensions import catalogue
from harness.rules.metric_alarms import measurable, reachable
from harness.rules.publishing import deaf_topics
from harness.rules.rule import Context, Violation, names

RUNBOOK = re.compile(r"Runbook: (?P<place>\S+\.md)")
"""End of an alarm's description: where it is said what to do."""


def alarm_liveness(context: Context) -> Iterator[Violation]:
    """An alarm whose metric, statistic or dimensions do not exist, or whose message reaches nobody, is silent for
    ever, and with missing data treated as fine it even looks healthy."""
    plan = context.plan
    metrics, heard = catalogue(context), heard_names(plan)
    silent = set()
    for alarm in plan.of_type(METRIC_ALARM):
        never = tuple(reachable(alarm, plan))
        if never:
            silent.add(str(alarm.find("alarm_name")))
        yield from (Violation(alarm.address, text) for text in (*measurable(alarm, metrics, context), *never))
    for alarm in plan.of_type(METRIC_ALARM, COMPOSITE_ALARM):
        yield from _heard(alarm, context, heard)
    yield from composed(plan, silent)
    yield from deaf_topics(plan)


def alarm_guidance(context: Context) -> Iterator[Violation]:
    """Whoever is woken needs a runbook, and what a period without data means must be somebody's decision: CloudWatch's
    default leaves the alarm in INSUFFICIENT_DATA, which pages nobody."""
    for alarm in context.plan.of_type(METRIC_ALARM, COMPOSITE_ALARM):
        text = alarm.find("alarm_description")
        if not isinstance(text, str) or not RUNBOOK.search(text):
            yield Violation(alarm.address, "no runbook in alarm_description; end it with `Runbook: <path>.md`")
    for alarm in context.plan.of_type(METRIC_ALARM):
        written = context.plan.configuration.attributes(alarm.module, alarm.type, alarm.name)
        if "treat_missing_data" not in written:
            yield Violation(alarm.address, "treat_missing_data is not set; choose what a period without data means")


def _heard(alarm: ResourceChange, context: Context, heard: frozenset[str]) -> Iterator[Violation]:
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
    if wanted and not actions and alarm.find("alarm_name") not in heard:
        yield Violation(alarm.address, "no alarm_actions, and no composite alarm listens to it")
    for action in actions:
        if not isinstance(action, str) or action.rsplit(":", 1)[-1] not in topics:
            known = ", ".join(sorted(topics)) or "none"
            yield Violation(alarm.address, f"action {action} is no topic of this plan; there is {known}")
