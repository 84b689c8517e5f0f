"""Probe of gap_pending_subscriptions."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator

_MAIL = {"Protocol": "email", "Endpoint": "on-call@example.com"}


@pytest.fixture
def endpoint() -> Iterator[tuple[str, queue.Queue[dict[str, Any]]]]:
    """An address that keeps what is posted to it."""
    posted: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", posted
    server.shutdown()
    server.server_close()


def _state(sns: Any, arn: str) -> str:
    return str(sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"])


def _listed(sns: Any, topic: str) -> list[str]:
    return [one["SubscriptionArn"] for one in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]]


def test_stock_still_confirms_an_address_at_once(stock: Emulator) -> None:
    sns = stock.client("sns")
    topic = sns.create_topic(Name="pending")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, **_MAIL)["SubscriptionArn"]
    assert _state(sns, arn) == "false", "upstream waits for the confirmation: delete gap_pending_subscriptions"


def test_an_address_waits_for_its_confirmation(filled: Emulator) -> None:
    sns = filled.client("sns")
    topic = sns.create_topic(Name="pending")["TopicArn"]
    assert sns.subscribe(TopicArn=topic, **_MAIL)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(TopicArn=topic, **_MAIL, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")
    assert _state(sns, arn) == "true"
    assert _listed(sns, topic) == ["PendingConfirmation"]
    assert "PendingConfirmation" in [one["SubscriptionArn"] for one in sns.list_subscriptions()["Subscriptions"]]
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]) == ("1", "0")
    with pytest.raises(ClientError, match="Cannot unsubscribe a subscription that is pending confirmation") as refused:
        sns.unsubscribe(SubscriptionArn=arn)
    assert refused.value.response["Error"]["Code"] == "InvalidParameter"


def test_whoever_has_the_token_confirms(filled: Emulator, endpoint: tuple[str, queue.Queue[dict[str, Any]]]) -> None:
    address, posted = endpoint
    sns = filled.client("sns")
    topic = sns.create_topic(Name="confirmed")["TopicArn"]
    asked = {"TopicArn": topic, "Protocol": "http", "Endpoint": address, "ReturnSubscriptionArn": True}
    arn = sns.subscribe(**asked)["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="unheard")
    assert _listed(sns, topic) == ["PendingConfirmation"]
    message = posted.get(timeout=60)
    assert message["Type"] == "SubscriptionConfirmation"
    sns.confirm_subscription(TopicArn=topic, Token=message["Token"])
    assert (_state(sns, arn), _listed(sns, topic)) == ("false", [arn])
    assert sns.subscribe(**asked)["SubscriptionArn"] == arn
    sns.publish(TopicArn=topic, Message="heard")
    assert posted.get(timeout=60)["Message"] == "heard"
    sns.unsubscribe(SubscriptionArn=arn)
    assert _listed(sns, topic) == []
