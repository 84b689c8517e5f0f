"""Who has not confirmed is told by name, never by address, before an apply and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from tests.support.states import context, document, resource

from harness.base import paths
from harness.base.errors import HarnessError
from harness.base.paths import Stack, Target
from harness.operate import preflight as preflights
from harness.operate.preflight import preflight
from harness.operate.subscriptions import tell_unconfirmed, unconfirmed

STACK = Stack("somewhere", "alice", Target.LOCAL)
TOKEN = "https://example.com/hook/t0ken"


class Topics:
    """SNS as it answers about subscriptions: ARN -> whether the confirmation is awaited."""

    def __init__(self, error: str = "NotFound", **pending: bool) -> None:
        self.error, self.pending = error, pending

    def get_subscription_attributes(self, *, SubscriptionArn: str) -> dict[str, Any]:
        if SubscriptionArn not in self.pending:
            raise botocore.exceptions.ClientError({"Error": {"Code": self.error}}, "GetSubscriptionAttributes")
        return {"Attributes": {"PendingConfirmation": str(self.pending[SubscriptionArn]).lower()}}


def subscribed(**protocols: str) -> bytes:
    found = [
        {"index_key": name, "attributes": {"arn": name, "protocol": protocol, "endpoint": TOKEN}}
        for name, protocol in protocols.items()
    ]
    return document(resource("aws_sns_topic_subscription", *found), resource("aws_sns_topic", {"arn": "topic"}))


def test_whoever_has_not_confirmed_is_told_with_what_to_do() -> None:
    state = subscribed(anna="email", ben="email", pager="https", gone="https")
    lines = unconfirmed(context(STACK, state, sns=Topics(anna=True, ben=False, pager=True)))
    assert lines == (
        "subscriber anna (email) has not confirmed and is told of no alarm -> open the link in AWS's mail",
        "subscriber pager (https) has not confirmed and is told of no alarm -> let it visit its SubscribeURL",
        "subscriber gone (https) is not subscribed any more and is told of no alarm"
        " -> make plan ENV=somewhere SUFFIX=alice, then make apply",
    )


def test_nobody_is_asked_where_nobody_is_subscribed() -> None:
    assert unconfirmed(context(STACK, None)) == ()
    assert unconfirmed(context(STACK, document())) == ()


def test_a_refusal_names_the_subscriber_and_no_address() -> None:
    with pytest.raises(HarnessError, match=r"^cannot ask for the subscriber anna: .*AccessDenied") as refused:
        unconfirmed(context(STACK, subscribed(anna="https"), sns=Topics("AccessDenied")))
    assert TOKEN not in str(refused.value)


def test_they_are_said_after_an_apply(capsys: pytest.CaptureFixture[str]) -> None:
    tell_unconfirmed(context(STACK, subscribed(anna="https"), sns=Topics(anna=True)))
    assert capsys.readouterr().err.startswith("  subscriber anna (https) has not confirmed")


def test_preflight_warns_and_lets_the_apply_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    for name in ("_versions", "account_guard"):
        monkeypatch.setattr(preflights, name, lambda _: iter(()))
    monkeypatch.setattr(preflights, "CHECKS", ())
    reports: dict[str, Any] = {}
    monkeypatch.setattr(preflights, "write_report", lambda name, content: reports.update({name: content}))
    preflight(context(STACK, subscribed(anna="https"), sns=Topics(anna=True)))
    assert capsys.readouterr().err.startswith("  warning: subscriber anna (https) has not confirmed")
    (report,) = reports.values()
    assert report["ok"] is True and report["problems"] == []
    assert report["warnings"][0].startswith("subscriber anna (https)")
    assert TOKEN not in json.dumps(reports)
