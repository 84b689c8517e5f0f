"""Rule over topics of alarms: the topic's policy and its key's must both let CloudWatch publish."""

from collections.abc import Iterator, Mapping

from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.plan.addresses import plain_address
from harness.rules.policy import Statement
from harness.rules.policy_reading import Document, read_policy
from harness.rules.relations import related
from harness.rules.rule import Violation

CLOUDWATCH = "cloudwatch.amazonaws.com"
_KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
_TOPIC, _KEY = "aws_sns_topic", "aws_kms_key"
_KEY_IDS = ("arn", "key_id", "id")
_AWS_MANAGED = "alias/aws/sns"


def deaf_topics(plan: Plan) -> Iterator[Violation]:
    """Report topics to which an alarm that has them as an action cannot publish."""
    alarms = alarms_by_topic(plan)
    for topic in plan.of_type(_TOPIC):
        publishing = alarms.get(str(topic.find("name")), frozenset())
        if publishing:
            yield from _policy_admits(topic, plan, publishing)
            yield from _key_admits(topic, plan, publishing)


def alarms_by_topic(plan: Plan) -> Mapping[str, frozenset[str]]:
    """List names of alarms by the name of a topic that they publish to."""
    alarms: dict[str, set[str]] = {}
    for alarm in plan.of_type("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"):
        actions = alarm.find("alarm_actions")
        for action in actions if isinstance(actions, list) else ():
            alarms.setdefault(str(action).rsplit(":", 1)[-1], set()).add(str(alarm.find("alarm_name")))
    return {topic: frozenset(names) for topic, names in alarms.items()}


def _policy_admits(topic: ResourceChange, plan: Plan, alarms: frozenset[str]) -> Iterator[Violation]:
    apart = [one for one in plan.of_type("aws_sns_topic_policy") if topic in related(plan, one, "arn", _TOPIC, "arn")]
    document = _policy_of(topic, apart, plan)
    # Without a policy AWS writes one that lets the whole account publish.
    if document is None:
        return
    if document.unread:
        yield Violation(topic.address, f"nothing shows that its policy lets {CLOUDWATCH} publish: it {document.unread}")
        return
    name, itself = str(topic.find("name")), f"<{plain_address(topic.address)}.arn>"
    granting = [
        one
        for one in _for_cloudwatch(document, "sns:Publish")
        if any(resource == itself or resource.rsplit(":", 1)[-1] in (name, "*") for resource in one.resources)
    ]
    if not granting:
        yield Violation(topic.address, f"its policy does not let {CLOUDWATCH} do sns:Publish on {name}")
        return
    for alarm in _blocked(document, granting, "sns:Publish", alarms):
        yield Violation(topic.address, f"its policy's conditions keep the alarm {alarm} from publishing")


def _policy_of(change: ResourceChange, apart: list[ResourceChange], plan: Plan) -> Document | None:
    """Read the policy that a topic or key has, in itself or as a resource apart; ``None`` where it has none."""
    documents = (read_policy(plan, one, "policy") for one in (change, *apart))
    return next((one for one in documents if one is not None), None)


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
        yield from _opens(one, plan, alarms)


def _opens(key: ResourceChange, plan: Plan, alarms: frozenset[str]) -> Iterator[Violation]:
    apart = [one for one in plan.of_type("aws_kms_key_policy") if key in related(plan, one, "key_id", _KEY, *_KEY_IDS)]
    document = _policy_of(key, apart, plan)
    if document is None or document.unread:
        why = document.unread if document else "is AWS's own, which lets in this account alone"
        yield Violation(key.address, f"the key's policy {why}: nothing shows that {CLOUDWATCH} may use it")
        return
    for action in _KEY_ACTIONS:
        granting = _for_cloudwatch(document, action)
        blocked = _blocked(document, granting, action, alarms)
        if not granting or blocked:
            which = f" for the alarm {blocked[0]}" if granting else ""
            yield Violation(key.address, f"the key's policy does not let {CLOUDWATCH} do {action}{which}")


def _keys_of(topic: ResourceChange, plan: Plan) -> tuple[ResourceChange, ...]:
    """List keys that may encrypt a topic: the one it names or refers to; all of the plan's while none can be told."""
    found = related(plan, topic, "kms_master_key_id", _KEY, *_KEY_IDS)
    return found if found or topic.find("kms_master_key_id") is not UNKNOWN else plan.of_type(_KEY)


def _for_cloudwatch(document: Document, action: str) -> list[Statement]:
    return [
        one
        for one in document.statements
        if one.allows and CLOUDWATCH in one.services and one.covers(action) and not one.strange
    ]


def _blocked(document: Document, granting: list[Statement], action: str, alarms: frozenset[str]) -> list[str]:
    """List alarms whose messages no statement lets through, or one denies."""
    denying = [
        one
        for one in document.statements
        if not one.allows and one.covers(action) and (CLOUDWATCH in one.services or "*" in one.principals)
    ]
    requests = {alarm: _request(granting, alarm) for alarm in sorted(alarms)}
    return [
        alarm
        for alarm, request in requests.items()
        if not any(one.admits(request) for one in granting) or any(one.admits(request) for one in denying)
    ]


def _request(granting: list[Statement], alarm: str) -> dict[str, str]:
    """Build the condition keys of an alarm's message, from the place that the statements' conditions speak of."""
    sources, accounts = (_values(granting, key) for key in ("aws:SourceArn", "aws:SourceAccount"))
    place = next((":".join(one.split(":")[:5]) for one in sources), "arn:aws:cloudwatch::")
    account = place.rsplit(":", 1)[-1] or next(iter(accounts), "")
    return {
        "aws:SourceArn": f"{place}:alarm:{alarm}",
        "aws:SourceAccount": account,
        "aws:SecureTransport": "true",
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": CLOUDWATCH,
    }


def _values(statements: list[Statement], key: str) -> list[str]:
    """List values of a condition key, whose name ignores case."""
    return [
        value
        for one in statements
        for tests in one.conditions.values()
        for name, values in tests.items()
        for value in values
        if name.lower() == key.lower()
    ]
