"""The service's own environment, typed, and the figures that bound time and size. Pure: nothing is read until ``load``.

How the time bounds nest (a rule over the plan checks it against the function's real timeout; service.yaml tells it the
figures)::

    SDK_WORST_CASE_SECONDS < function timeout - HANDLER_MARGIN_SECONDS < function timeout < 29 s (gateway)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from items.model import Shards
from rest.settings import SettingsError, require

SDK_CONNECT_TIMEOUT_SECONDS: Final = 0.5
"""Connecting to a regional endpoint takes milliseconds; half a second leaves room for a slow TLS handshake
at 512 MB."""

SDK_READ_TIMEOUT_SECONDS: Final = 0.9
"""A single-item call answers in well under 100 ms; what has not answered by now will not."""

SDK_MAX_ATTEMPTS: Final = 3
"""The first attempt and two retries (botocore: ``total_max_attempts``)."""

SDK_MAX_BACKOFF_SECONDS: Final = 2.0 ** (SDK_MAX_ATTEMPTS - 2)
"""The longest sleep between two attempts: botocore's standard mode waits ``random() * 2**i`` before the
i-th retry, counted from 0."""

CONFLICT_BACKOFF_SECONDS: Final = 0.2
"""The longest sleep before another try when two requests write the same item; a transaction takes some 10 ms. Always
shorter than the SDK's own sleeps, so that it changes no bound."""

SDK_WORST_CASE_SECONDS: Final = SDK_MAX_ATTEMPTS * (SDK_CONNECT_TIMEOUT_SECONDS + SDK_READ_TIMEOUT_SECONDS) + sum(
    2.0**i for i in range(SDK_MAX_ATTEMPTS - 1)
)
"""One call with every attempt timing out and every sleep at its longest."""

HANDLER_MARGIN_SECONDS: Final = SDK_MAX_BACKOFF_SECONDS + 0.5
"""What the handler keeps of the function's timeout: no attempt may end later than this before the hard
timeout. A sleep between attempts cannot be cut short, so one may begin just before; the rest is for
answering."""

ATTEMPT_SECONDS: Final = SDK_CONNECT_TIMEOUT_SECONDS + SDK_READ_TIMEOUT_SECONDS + HANDLER_MARGIN_SECONDS
"""Least time that a request must have left before an HTTP request to the table: even a hanging one ends in time."""

WRITE_TRIES: Final = 3
"""Tries of a write when others change the item between reading and writing it."""

IDEMPOTENCY_SECONDS: Final = 24 * 3600
"""How long an ``Idempotency-Key`` is remembered."""

LIST_MAX_ROUNDS: Final = 3
"""Times that one list request goes through the shards. One fills the page but for entries whose items have just gone or
changed."""

_REQUIRED: Final = ("TABLE_NAME", "LIST_SHARDS_READ", "LIST_SHARDS_WRITE")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of this service's own, beside those of every function.

    Attributes:
        table_name: the items table.
        shards: of the list's indexes.
    """

    table_name: str
    shards: Shards


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: naming every required variable that is missing or empty, or numbers of shards that hide items.
    """
    require(environ, _REQUIRED)
    return Settings(environ["TABLE_NAME"], _shards(environ["LIST_SHARDS_READ"], environ["LIST_SHARDS_WRITE"]))


def _shards(read: str, write: str) -> Shards:
    """Read both numbers: what is written to a shard that is not read is in no list."""
    numbers = [int(text) if text.isascii() and text.isdecimal() else 0 for text in (write, read)]
    if not 1 <= numbers[0] <= numbers[1]:
        raise SettingsError(
            f"LIST_SHARDS_WRITE {write!r}, LIST_SHARDS_READ {read!r}: must be whole numbers, 1 <= write <= read"
        )
    return Shards(read=numbers[1], write=numbers[0])
