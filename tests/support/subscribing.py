"""Confirming subscriptions of a topic, as whoever got SNS's message would."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tests.support.waiting import eventually

from harness.localaws.control import LocalAws
from harness.localaws.durable_store import NAME, open_store

_SECONDS = 120.0
_PENDING = re.compile(r'"token": *"([^"]+)"')


def confirm_subscriptions(local: LocalAws, sns: Any, count: int) -> None:
    """Confirm every subscription, once so many are there, with the tokens that AWS would have sent."""

    def tokens() -> list[str]:
        found = _PENDING.findall(_saved(local.state_dir / "services", "sns"))
        return found if len(found) >= count else []

    (topic, *_) = {one["TopicArn"]: None for one in sns.list_subscriptions()["Subscriptions"]}
    found = eventually(tokens, _SECONDS)
    assert found, "no subscription waits to be confirmed"
    for token in found:
        sns.confirm_subscription(TopicArn=topic, Token=token)


def _saved(folder: Path, service: str) -> str:
    """Read what is saved of a service, from a copy: the file itself is the server's alone."""
    with tempfile.TemporaryDirectory() as copy:
        for file in folder.glob(f"{NAME}*"):
            shutil.copy(file, copy)
        store = open_store(Path(copy))
        try:
            return "\n".join(value for section in store.sections(service) for _, value in store.records(section))
        finally:
            store.close()
