"""Rule over subscribers: what pages somebody is heard by somebody."""

from collections.abc import Iterator

from harness.plan import Plan, ResourceChange
from harness.rules.accounts import is_made_up
from harness.rules.publishing import alarms_by_topic
from harness.rules.relations import related
from harness.rules.rule import Context, Violation

_TOPIC, _SUBSCRIPTION = "aws_sns_topic", "aws_sns_topic_subscription"


def alarm_subscribers(context: Context) -> Iterator[Violation]:
    """An alarm whose topic has no subscriber wakes nobody: in a guarded environment each topic that alarms publish to
    has one. The local AWS sends no mail, so that nothing is asked of a plan for its made-up account."""
    if not context.environment.guarded or is_made_up(context.account):
        return
    heard = _heard(context.plan)
    publishing = alarms_by_topic(context.plan)
    for topic in context.plan.of_type(_TOPIC):
        alarms = publishing.get(str(topic.find("name")), frozenset())
        if alarms and topic.address not in heard:
            text = f"nobody subscribes to it, and {len(alarms)} alarm(s) publish to it: nobody would be woken"
            remedy = f"name who is told in `subscribers` (envs/{context.name}/aws.tfvars)"
            yield Violation(topic.address, f"{text}; {remedy}")


def _heard(plan: Plan) -> frozenset[str]:
    """Addresses of topics that a subscription of the plan is of."""
    subscriptions = plan.of_type(_SUBSCRIPTION)
    topics: list[ResourceChange] = [
        topic for one in subscriptions for topic in related(plan, one, "topic_arn", _TOPIC, "arn", "id")
    ]
    return frozenset(topic.address for topic in topics)
