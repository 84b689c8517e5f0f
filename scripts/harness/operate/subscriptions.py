"""Subscribers of alarms that have not confirmed: AWS sends them nothing until they do.

Addresses are never told, as one may hold a token: a subscriber is known by the name it has in ``subscribers``.
"""

from harness.aws.missing import unless_missing
from harness.base.progress import say
from harness.operate.instances import Instance, read_instances
from harness.terraform.context import Context

_KIND = "aws_sns_topic_subscription"


def unconfirmed(context: Context) -> tuple[str, ...]:
    """Tell which of the stack's subscribers AWS sends nothing to, a line each; as AWS knows it, not as the state does.

    Raises:
        HarnessError: the state cannot be read, or AWS refuses.
    """
    subscriptions = [one for one in read_instances(context.state) if one.kind == _KIND]
    return tuple(line for one in subscriptions if (line := _told(context, one)))


def tell_unconfirmed(context: Context) -> None:
    """Say who hears nothing yet, after an apply.

    Raises:
        HarnessError: as for :func:`unconfirmed`.
    """
    for line in unconfirmed(context):
        say(f"  {line}")


def _told(context: Context, subscription: Instance) -> str:
    values, name = subscription.attributes, subscription.key or subscription.address
    asked = (f"cannot ask for the subscriber {name}", "check the permissions of the credentials")
    client, arn = context.aws.client("sns"), str(values["arn"])
    found = unless_missing(lambda: client.get_subscription_attributes(SubscriptionArn=arn), *asked)
    who = f"subscriber {name} ({values['protocol']})"
    if found is None:
        # AWS deletes what nobody confirms (docs/pitfalls.md).
        again = f"make plan {context.stack.make_words}, then make apply"
        return f"{who} is not subscribed any more and is told of no alarm -> {again}"
    if found["Attributes"]["PendingConfirmation"] != "true":
        return ""
    how = "open the link in AWS's mail" if values["protocol"] == "email" else "let it visit its SubscribeURL"
    return f"{who} has not confirmed and is told of no alarm -> {how}"
