"""Holder of a side table: tags that say which command reads it and until when, renewed while it does.

A command that was killed renews nothing: on the same machine that shows at once, from elsewhere when the time is over.
"""

import getpass
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness.aws.missing import refusing
from harness.base.process import Process, this_process
from harness.operate.recovery.pacing import Clock

HELD_SECONDS = 600.0
"""Longer than any call takes; it is renewed after each page, and while a restore waits for throughput."""
_WHO, _UNTIL = "RestoredBy", "RestoringUntil"
_FORBIDDEN = re.compile(r"[^A-Za-z0-9+=._/ -]")  # in a tag's value; ":" parts the words of it here
_REMEDY = "allow dynamodb:TagResource and dynamodb:ListTagsOfResource on the table"


@dataclass(frozen=True, slots=True)
class Held:
    """A command that reads a side table, and until when at least.

    Attributes:
        who: user, machine, process id and the process's start, parted by colons.
        until: UTC, ``2026-01-31T12:00:00Z``.
    """

    who: str
    until: str


@dataclass(slots=True)
class Holder:
    """This command as the holder of one side table."""

    client: Any
    arn: str
    clock: Clock
    _renew_at: float = field(default=0.0, init=False)

    def hold(self) -> None:
        """Write the tags, for the next ten minutes.

        Raises:
            HarnessError: AWS refuses.
        """
        now = self.clock.epoch()
        until = f"{datetime.fromtimestamp(now + HELD_SECONDS, UTC):%Y-%m-%dT%H:%M:%SZ}"
        tags = [{"Key": _WHO, "Value": _own()}, {"Key": _UNTIL, "Value": until}]
        with refusing(f"cannot tag {self.arn}", _REMEDY):
            self.client.tag_resource(ResourceArn=self.arn, Tags=tags)
        self._renew_at = now + HELD_SECONDS / 2

    def renew(self) -> None:
        """Write the tags again when half of their time is over."""
        if self.clock.epoch() >= self._renew_at:
            self.hold()


@dataclass(frozen=True, slots=True)
class HoldingClock:
    """A clock on which whoever waits holds a side table on."""

    clock: Clock
    holder: Holder

    def now(self) -> float:
        """Return the time since anywhere; it never goes back."""
        return self.clock.now()

    def epoch(self) -> float:
        """Return the time since 1970."""
        return self.clock.epoch()

    def sleep(self, seconds: float) -> None:
        """Let time pass, a part at a time.

        Raises:
            HarnessError: AWS refuses that the table is held on.
        """
        while seconds > 0:
            part = min(seconds, HELD_SECONDS / 4)
            self.clock.sleep(part)
            self.holder.renew()
            seconds -= part


def holder_of(client: Any, arn: str, clock: Clock) -> Held | None:
    """Return the other command that reads a side table; ``None`` when nobody does any more.

    Raises:
        HarnessError: AWS refuses.
    """
    with refusing(f"cannot read the tags of {arn}", _REMEDY):
        tags = {one["Key"]: one["Value"] for one in client.list_tags_of_resource(ResourceArn=arn).get("Tags", ())}
    return _other(tags, clock.epoch())


def _other(tags: Mapping[str, str], now: float) -> Held | None:
    who, until = tags.get(_WHO, ""), tags.get(_UNTIL, "")
    if not who or not until or who == _own() or datetime.fromisoformat(until).timestamp() <= now:
        return None
    machine, process, started = who.split(":")[1:]
    here = machine == _word(os.uname().nodename)
    return None if here and not Process(machine, int(process), float(started)).alive() else Held(who, until)


def _own() -> str:
    process = this_process()
    return ":".join(map(_word, (getpass.getuser(), process.host, str(process.pid), f"{process.started:.2f}")))


def _word(text: str) -> str:
    return _FORBIDDEN.sub("-", text)
