"""Confirming subscriptions of a topic, as whoever got SNS's message would."""

from __future__ import annotations

import re
from typing import Any

from tests.support.waiting import eventually

from harness.localaws.control import LocalAws

_SECONDS = 120.0
_PENDING = re.compile(r'"token": *"([^"]+)"')


def confirm_subscriptions(local: LocalAws, sns: Any, count: int) -> None:
    """Confirm every subscription, once so many are there, with the tokens that AWS would have sent."""
    store = local.state_dir / "services" / "sns.json"

    def tokens() -> list[str]:
        found = _PENDING.findall(store.read_text(encoding="utf-8")) if store.exists() else []
        return found if len(found) >= count else []

    (topic, *_) = {one["TopicArn"]: None for one in sns.list_subscriptions()["Subscriptions"]}
    for token in eventually(tokens, _SECONDS):
        sns.confirm_subscription(TopicArn=topic, Token=token)
