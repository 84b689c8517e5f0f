"""Composite alarms that cannot be read, never come true, never go again, or tell nobody because they are suppressed."""

from __future__ import annotations

from typing import Any

from tests.support.builder import Res, plan
from tests.support.pairs import Pair
from tests.unit.rules.pairs.alarms import ALARM, COMPOSITE, FUNCTION, PLACE, TOPIC

from harness.plan import UNKNOWN, Plan

OTHER = Res('aws_cloudwatch_metric_alarm.this["other"]', {**(ALARM.after or {}), "alarm_name": "other-copy"})
MUTE = OTHER.but(metric_name="Duration", statistic="Maximum", threshold=10_000)
THIRD = Res("aws_cloudwatch_composite_alarm.third", {**(COMPOSITE.after or {}), "alarm_name": "third-copy"})
BASE = (FUNCTION, TOPIC, ALARM, OTHER)
SUPPRESSOR = {"alarm": "other-copy", "wait_period": 60, "extension_period": 0}


def rule(way: str, says: str, broken: str, mended: str, *others: Res) -> Pair:
    return Pair("alarm-liveness", way, plan(*BASE, *others, COMPOSITE.but(alarm_rule=broken)),
                plan(*BASE, *others, COMPOSITE.but(alarm_rule=mended)), says)  # fmt: skip


def suppressed(way: str, says: str, rule: str = 'ALARM("errors-copy")', **changes: Any) -> Pair:
    mended = COMPOSITE.but(alarm_rule='ALARM("errors-copy")', actions_suppressor=[SUPPRESSOR])
    broken = COMPOSITE.but(alarm_rule=rule, actions_suppressor=[{**SUPPRESSOR, **changes}])
    always = THIRD.but(alarm_rule="ALARM(errors-copy) OR NOT ALARM(errors-copy)")
    return Pair("alarm-liveness", way, plan(*BASE, always, broken), plan(*BASE, mended), says)


def parents(count: int) -> Plan:
    """A plan of so many composite alarms over the same alarm."""
    many = (f"many{number}-copy" for number in range(count))
    values = COMPOSITE.after or {}
    return plan(
        *BASE,
        *(Res(f'aws_cloudwatch_composite_alarm.many["{name}"]', {**values, "alarm_name": name}) for name in many),
    )


MANY = [
    Res(f'aws_cloudwatch_metric_alarm.this["{name}"]', {**(ALARM.after or {}), "alarm_name": f"{name}-copy"})
    for name in (f"{letter}{n}" for letter in "ab" for n in range(24))
]
EITHER = [
    f"AT_LEAST(1, ALARM, (a{n}-copy, b{n}-copy)) AND NOT AT_LEAST(2, ALARM, (a{n}-copy, b{n}-copy))" for n in range(24)
]
FED = OTHER.but(alarm_actions=[])
PAIRS = (
    rule("rule-with-foreign-digits", "has '\u0662' at character 9",
         "AT_LEAST(\u0662, ALARM, (errors-copy, other-copy))",
         "AT_LEAST(2, ALARM, (errors-copy, other-copy))"),
    rule("rule-of-several-composites", "alarm_rule is never true",
         "AT_LEAST(2, ALARM, (third-copy, other-copy)) AND OK(errors-copy)",
         "AT_LEAST(1, ALARM, (third-copy, other-copy)) AND OK(errors-copy)",
         THIRD.but(alarm_rule="ALARM(errors-copy)")),
    rule("rule-of-none-of-several", "alarm_rule is never true",
         "AT_LEAST(1, NOT ALARM, (third-copy, other-copy)) AND ALARM(errors-copy) AND ALARM(other-copy)",
         "AT_LEAST(1, NOT ALARM, (third-copy, other-copy)) AND ALARM(errors-copy)",
         THIRD.but(alarm_rule="ALARM(errors-copy)")),
    rule("rule-cut-off", "alarm_rule has its end at character 22", "ALARM(errors-copy) AND", "ALARM(errors-copy)"),
    rule("rule-in-lower-case", "has 'alarm' at character 0", "alarm(errors-copy)", "ALARM(errors-copy)"),
    rule("rule-of-more-than-there-are", "has '3' at character 9; expected 1 to 2",
         "AT_LEAST(3, ALARM, (errors-copy, other-copy))", "AT_LEAST(2, ALARM, (errors-copy, other-copy))"),
    rule("rule-of-a-share", "expected 1 to 100%",
         "AT_LEAST(150%, ALARM, (errors-copy, other-copy))", "AT_LEAST(50%, NOT OK, (errors-copy, other-copy))"),
    rule("rule-of-a-topic", "is the ARN of no alarm", f"ALARM({PLACE.replace('cloudwatch', 'sns')}:errors-copy)",
         f"ALARM({PLACE}:alarm:errors-copy)"),
    rule("rule-with-an-unknown-arn", "names 'error-copy', which is no other alarm",
         f'ALARM("{PLACE}:alarm:error-copy")', f'ALARM("{PLACE}:alarm:errors-copy")'),
    rule("rule-with-an-unknown-alarm-of-several", "names 'error-copy', which is no other alarm",
         "AT_LEAST(1, ALARM, (error-copy, other-copy))", "AT_LEAST(1, ALARM, (errors-copy, other-copy))"),
    rule("rule-of-no-alarm", "names no alarm", "TRUE", "ALARM(errors-copy) OR FALSE"),
    rule("rule-against-itself", "is never true", "ALARM(errors-copy) AND NOT ALARM(errors-copy)",
         "ALARM(errors-copy) AND NOT ALARM(other-copy)"),
    rule("rule-and-false", "is never true", "ALARM(errors-copy) AND FALSE", "ALARM(errors-copy) AND TRUE"),
    rule("rule-always-true", "is always true", "ALARM(errors-copy) OR NOT ALARM(errors-copy)",
         "ALARM(errors-copy) OR OK(errors-copy)"),
    rule("rule-of-a-state-that-composites-never-have", "is never true", "INSUFFICIENT_DATA(third-copy)",
         "OK(third-copy)", THIRD),
    rule("cycle", "comes back to itself (service-copy -> third-copy -> service-copy)", "ALARM(third-copy)",
         "ALARM(errors-copy)", THIRD.but(alarm_rule="ALARM(service-copy)")),
    Pair("alarm-liveness", "rule-too-tangled", plan(*BASE, *MANY, COMPOSITE.but(
        alarm_rule=f"{' AND '.join(EITHER)} AND ALARM(errors-copy) AND OK(errors-copy)")), plan(*BASE, COMPOSITE),
        "too tangled"),
    Pair("alarm-liveness", "rule-of-alarms-that-cannot-fire", plan(FUNCTION, TOPIC, MUTE, COMPOSITE.but(
        alarm_rule="ALARM(other-copy)")), plan(FUNCTION, TOPIC, OTHER, COMPOSITE.but(alarm_rule="ALARM(other-copy)")),
        "alarm_rule is never true"),
    Pair("alarm-liveness", "too-many-parents", parents(151), plan(*BASE, COMPOSITE),
         "151 composite alarms name 'errors-copy'; CloudWatch takes 150"),
    suppressed("suppressor-that-is-not-there", "actions_suppressor names 'x-copy'", alarm="x-copy"),
    suppressed("suppressor-itself", "actions_suppressor names 'service-copy'", alarm="service-copy"),
    suppressed("suppressor-unknown", "actions_suppressor names", alarm=UNKNOWN),
    suppressed("suppressor-period", "wait_period is no whole number", wait_period=-1),
    suppressed("suppressor-without-extension", "extension_period is no whole number", extension_period=None),
    suppressed("suppressor-always-on", "'third-copy' is in ALARM whenever this alarm is", alarm="third-copy"),
    suppressed("suppressor-too-tangled", "too tangled to tell if 'other-copy' ever lets an action through",
               rule=f"{' AND '.join(EITHER)} AND ALARM(errors-copy) AND OK(errors-copy)"),
    suppressed("suppressor-implied", "is in ALARM whenever this alarm is",
               rule="ALARM(errors-copy) AND ALARM(other-copy)"),
    Pair("alarm-liveness", "suppressor-alone-listens", plan(FUNCTION, TOPIC, ALARM, FED, COMPOSITE),
         plan(FUNCTION, TOPIC, ALARM, FED, COMPOSITE.but(actions_suppressor=[SUPPRESSOR])), "no alarm_actions"),
)  # fmt: skip
