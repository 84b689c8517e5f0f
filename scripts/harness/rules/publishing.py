"""Rule over topics of alarms: the topic's policy and its key's must both let CloudWatch publish."""

from collections.abc import Iterator

from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.rules.policy import Statement, parse
from harness.rules.relations import related
from harness.rules.rule import Violation

CLOUDWATCH = "cloudwatch.amazonaws.com"
_KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
_AWS_MANAGED = "alias/aws/sns"


def deaf_topics(plan: Plan) -> Iterator[Violation]:
    """Report topics to which an alarm that has them as an action cannot publish."""
    alarms: dict[str, set[str]] = {}
    for alarm in plan.of_type("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"):
        actions = alarm.find("alarm_actions")
        for action in actions if isinstance(actions, list) else ():
            alarms.setdefault(str(action).rsplit(":", 1)[-1], set()).add(str(alarm.find("alarm_name")))
    for topic in plan.of_type("aws_sns_topic"):
        publishing = frozenset(alarms.get(str(topic.find("name")), ()))
        if publishing:
            yield from _policy_admits(topic, publishing)
            yield from _key_admits(topic, plan, publishing)


def _policy_admits(topic: ResourceChange, alarms: frozenset[str]) -> Iterator[Violation]:
    policy = topic.find("policy")
    # Without a policy AWS writes one that lets the whole account publish.
    if policy in (None, "") or policy is UNKNOWN:
        return
    granting = _for_cloudwatch(parse(policy) or (), "sns:Publish")
    name = str(topic.find("name"))
    if not any(resource.rsplit(":", 1)[-1] in (name, "*") for one in granting for resource in one.resources):
        yield Violation(topic.address, f"its policy does not let {CLOUDWATCH} do sns:Publish on {name}")
        return
    for alarm in sorted(alarms):
        if not any(_admits_alarm(one, alarm, _place(granting)) for one in granting):
            yield Violation(topic.address, f"its policy's conditions keep the alarm {alarm} from publishing")


def _key_admits(topic: ResourceChange, plan: Plan, alarms: frozenset[str]) -> Iterator[Violation]:
    key = topic.find("kms_master_key_id")
    if key in (None, ""):
        return
    if isinstance(key, str) and key.endswith(_AWS_MANAGED):
        yield Violation(topic.address, f"CloudWatch may not use {_AWS_MANAGED}; use a customer-managed key")
        return
    keys = _keys_of(topic, plan)
    if not keys:
        yield Violation(topic.address, "its key is none of this plan's, so nothing shows that CloudWatch may use it")
    for one in keys:
        yield from _opens(one, alarms)


def _opens(key: ResourceChange, alarms: frozenset[str]) -> Iterator[Violation]:
    statements = parse(key.find("policy"))
    if statements is None:
        yield Violation(key.address, "the key's policy is unknown until apply; build its ARNs from names")
        return
    for action in _KEY_ACTIONS:
        granting = _for_cloudwatch(statements, action)
        blocked = [
            alarm
            for alarm in sorted(alarms)
            if not any(_admits_alarm(one, alarm, _place(granting)) for one in granting)
        ]
        if not granting or blocked:
            which = f" for the alarm {blocked[0]}" if granting else ""
            yield Violation(key.address, f"the key's policy does not let {CLOUDWATCH} do {action}{which}")


def _keys_of(topic: ResourceChange, plan: Plan) -> tuple[ResourceChange, ...]:
    """List keys that may encrypt a topic: the one it names or refers to; all of the plan's while none can be told."""
    found = related(plan, topic, "kms_master_key_id", "aws_kms_key", "arn", "key_id", "id")
    return found if found or topic.find("kms_master_key_id") is not UNKNOWN else plan.of_type("aws_kms_key")


def _for_cloudwatch(statements: tuple[Statement, ...], action: str) -> tuple[Statement, ...]:
    return tuple(one for one in statements if CLOUDWATCH in one.services and one.grants(action) and not one.strange)


def _place(granting: tuple[Statement, ...]) -> str:
    """Partition, region and account that the statements' conditions speak of: the beginning of an alarm's ARN."""
    patterns = (
        pattern for one in granting for values in one.conditions.values() for pattern in values.get("aws:SourceArn", ())
    )
    return next((":".join(pattern.split(":")[:5]) for pattern in patterns), "arn:aws:cloudwatch::")


def _admits_alarm(statement: Statement, alarm: str, place: str) -> bool:
    account = place.rsplit(":", 1)[-1]
    by_account = not account or statement.admits("aws:SourceAccount", account)
    return statement.admits("aws:SourceArn", f"{place}:alarm:{alarm}") and by_account
