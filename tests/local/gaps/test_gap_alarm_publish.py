"""Probe of gap_alarm_publish."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.local.gaps.conftest import Emulator

_ACCOUNT = "000000000000"
_ALARMS = f"arn:aws:cloudwatch:eu-west-1:{_ACCOUNT}:alarm:*"
_ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


def _statement(action: Any, source: str = _ALARMS) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": action,
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": _ACCOUNT}},
    }


def _key(emulator: Emulator, *statements: dict[str, Any]) -> str:
    policy = {"Version": "2012-10-17", "Statement": [_ROOT, *statements]}
    return str(emulator.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"])


def _received(emulator: Emulator, name: str, **attributes: str) -> list[str]:
    """States in the messages a queue got after an alarm went to ALARM, its topic having these attributes."""
    sns, sqs, cloudwatch = (emulator.client(service) for service in ("sns", "sqs", "cloudwatch"))
    topic = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    opened = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue_arn}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [opened]})})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Probe",
        MetricName="None",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
        AlarmActions=[topic],
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="probe")
    messages = sqs.receive_message(QueueUrl=queue).get("Messages", [])
    return [json.loads(json.loads(message["Body"])["Message"])["NewStateValue"] for message in messages]


def _failures(emulator: Emulator, name: str) -> list[str]:
    items = emulator.client("cloudwatch").describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    return [item["HistorySummary"] for item in items if item["HistoryItemType"] == "Action"]


def test_stock_still_publishes_past_the_keys_policy(stock: Emulator) -> None:
    received = _received(stock, "no-grant", KmsMasterKeyId=_key(stock))
    assert received == ["ALARM"], "upstream asks the policies: delete gap_alarm_publish"


def test_default_policy_and_granting_key_let_the_message_through(filled: Emulator) -> None:
    assert _received(filled, "plain") == ["ALARM"]
    granted = _key(filled, _statement(["kms:Decrypt", "kms:GenerateDataKey*"]))
    own_policy = json.dumps({"Version": "2012-10-17", "Statement": [_statement("sns:Publish")]})
    assert _received(filled, "granted", KmsMasterKeyId=granted, Policy=own_policy) == ["ALARM"]
    assert _failures(filled, "granted") == []


@pytest.mark.parametrize("why", ["managed-key", "no-statement", "half-grant", "other-source", "closed-topic"])
def test_a_missing_grant_drops_the_message_and_is_recorded(filled: Emulator, why: str) -> None:
    attributes = {
        "managed-key": lambda: {"KmsMasterKeyId": "alias/aws/sns"},
        "no-statement": lambda: {"KmsMasterKeyId": _key(filled)},
        "half-grant": lambda: {"KmsMasterKeyId": _key(filled, _statement("kms:Decrypt"))},
        "other-source": lambda: {"KmsMasterKeyId": _key(filled, _statement("kms:*", _ALARMS.replace("*", "other")))},
        "closed-topic": lambda: {
            "Policy": json.dumps({"Version": "2012-10-17", "Statement": [_statement("sns:Subscribe")]})
        },
    }[why]()
    assert _received(filled, why, **attributes) == []
    assert len(_failures(filled, why)) == 1
