"""Gap: an e-mail subscription counts as confirmed at once, and one that is pending cannot be told from others.

Upstream: e-mail addresses are confirmed as they are subscribed; the ARN of a pending subscription is never told on
Subscribe, always told by the lists, and a pending subscription can be unsubscribed.

AWS: "Subscribe", Amazon SNS API Reference: "If the endpoint type is HTTP/S or email, [...] the endpoint owner must run
the ConfirmSubscription action to confirm the subscription"; ReturnSubscriptionArn: "If you set this parameter to
true, the response includes the ARN in all cases, even if the subscription is not yet confirmed". The lists show
``PendingConfirmation`` in place of the ARN. "You cannot unsubscribe to a subscription that is pending confirmation"
(``aws_sns_topic_subscription``, Terraform provider's documentation; the provider's source has SNS's message). AWS
deletes what nobody confirms after 48 hours ("Amazon SNS email subscription setup and management", Developer Guide);
that clock is not run here.

Fill: as on AWS. No mail is sent, so that an e-mail subscription stays pending until somebody who has its token, which
nothing tells, confirms it.
"""

from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import sns

from harness.localaws.patching import wraps

_MAIL = ("email", "email-json")
_PENDING = "PendingConfirmation"


def install() -> None:
    """Patch the subscriptions of ministack's SNS."""

    @wraps(sns, "_subscribe")
    def _subscribe(subscribe: Any, params: Any) -> Any:
        address, known = (sns._p(params, "Protocol"), sns._p(params, "Endpoint")), _subscriptions(params)
        answer = subscribe(params)
        sub = next((one for one in _subscriptions(params) if (one["protocol"], one["endpoint"]) == address), None)
        if sub is None or answer[0] != 200:
            return answer
        if sub not in known and address[0] in _MAIL:
            _await_confirmation(sub)
        told = sub["confirmed"] or sns._p(params, "ReturnSubscriptionArn") == "true"
        arn = sub["arn"] if told else "pending confirmation"
        inner = f"<SubscribeResult><SubscriptionArn>{arn}</SubscriptionArn></SubscribeResult>"
        return sns._xml(200, "SubscribeResponse", inner)

    @wraps(sns, "_unsubscribe")
    def _unsubscribe(unsubscribe: Any, params: Any) -> Any:
        arn = sns._p(params, "SubscriptionArn")
        sub = sns._find_subscription(sns._sub_arn_to_topic.get(arn, ""), arn)
        if sub is not None and not sub["confirmed"]:
            reason = "Cannot unsubscribe a subscription that is pending confirmation"
            return sns._error("InvalidParameter", f"Invalid parameter: SubscriptionArn Reason: {reason}", 400)
        return unsubscribe(params)

    for name in ("_list_subscriptions", "_list_subscriptions_by_topic"):

        @wraps(sns, name)
        def _list(listed: Any, params: Any) -> Any:
            status, headers, body = listed(params)
            return status, headers, _without_pending(body)


def _subscriptions(params: Any) -> list[Any]:
    topic = sns._topic_by_arn_any_scope(sns._p(params, "TopicArn"))
    return list(topic["subscriptions"]) if topic else []


def _await_confirmation(sub: Any) -> None:
    sub |= {"confirmed": False, "token": new_uuid()}
    sub["attributes"] |= {"ConfirmationWasAuthenticated": "false", _PENDING: "true"}
    sns._refresh_subscription_counts(sns._topic_by_arn_any_scope(sub["topic_arn"]))


def _without_pending(body: bytes) -> bytes:
    pending = [sub["arn"] for topic in sns._topics.values() for sub in topic["subscriptions"] if not sub["confirmed"]]
    for arn in pending:
        told, shown = (f"<SubscriptionArn>{text}</SubscriptionArn>".encode() for text in (arn, _PENDING))
        body = body.replace(told, shown)
    return body
