"""Gap: an alarm's message reaches its topic whatever the policies of topic and key say.

Upstream: the message is handed to the topic's subscribers without asking.

AWS: "Why didn't I receive an SNS notification for my CloudWatch alarm trigger?" (AWS re:Post) and "Key
management", Amazon SNS Developer Guide: the topic's policy must let ``cloudwatch.amazonaws.com`` publish (the
default policy does), and the policy of the topic's key must let it ``kms:Decrypt`` and ``kms:GenerateDataKey``;
``alias/aws/sns`` never does. Otherwise the alarm changes its state, no message is sent, and the alarm's history
holds the failed action.

Fill: both policies are asked, with the alarm as source, before the message is handed over.
"""

import time
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import cloudwatch, sns

from harness.localaws.patching import wraps
from harness.localaws.service_policy import allows, key_allows

_SERVICE = "cloudwatch.amazonaws.com"
_KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
_ACTION_LISTS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def _obstacle(topic_arn: str, alarm_arn: str) -> str:
    """Give the reason why CloudWatch may not publish to the topic for this alarm; "" when it may."""
    topic = sns._topic_by_arn_any_scope(topic_arn)
    if topic is None:
        return "the topic does not exist"
    attributes, account = topic["attributes"], get_account_id()
    context = {"aws:SourceArn": alarm_arn, "aws:SourceAccount": account, "aws:SourceOwner": account}
    if not allows(attributes.get("Policy"), _SERVICE, "sns:Publish", topic_arn, context):
        return "the topic's policy does not allow it"
    key = attributes.get("KmsMasterKeyId")
    if key and not key_allows(key, _SERVICE, _KEY_ACTIONS, context):
        return "the policy of the topic's key does not allow it"
    return ""


def _record_failure(alarm: Any, action: str, obstacle: str) -> None:
    summary = f"Failed to execute action {action}. Received error: {obstacle}"
    entry = {"HistoryItemType": "Action", "HistorySummary": summary, "HistoryData": "{}"}
    named = {"AlarmName": alarm["AlarmName"], "AlarmType": "MetricAlarm" if "MetricName" in alarm else "CompositeAlarm"}
    cloudwatch._history_entries().append({**named, **entry, "Timestamp": cloudwatch._ts_iso(time.time())})


def install() -> None:
    """Patch the sending of alarm actions."""

    @wraps(cloudwatch, "_dispatch_alarm_actions")
    def _dispatch_alarm_actions(dispatch: Any, alarm: Any, old: str, new: str, reason: str) -> None:
        which = _ACTION_LISTS[new]
        permitted = []
        for action in alarm.get(which) or []:
            obstacle = _obstacle(action, alarm["AlarmArn"]) if cloudwatch._is_sns_action_arn(action) else ""
            if obstacle and alarm.get("ActionsEnabled", True):
                _record_failure(alarm, action, obstacle)
            if not obstacle:
                permitted.append(action)
        dispatch({**alarm, which: permitted}, old, new, reason)
