"""The values the service works with. Times are RFC 3339 in UTC with microseconds, so they sort as text."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Item:
    """An item as clients see it.

    Attributes:
        shard: part of the list's indexes that its entries are in, for as long as it lives; ``None``: the table says
            none yet, as of an item of an earlier version. No part of what clients see.
    """

    id: str
    name: str
    description: str
    status: str
    version: int
    created_at: str
    updated_at: str
    shard: str | None = field(default=None, compare=False)

    def document(self) -> dict[str, str | int]:
        """The JSON a client gets; the keys are the contract's."""
        return {name: value for name, value in asdict(self).items() if name != "shard"}

    @property
    def sort_key(self) -> str:
        """Its place in the list, unique because the id is part of it."""
        return f"{self.created_at}#{self.id}"

    @property
    def etag(self) -> str:
        """Version and creation as a strong entity tag: another item that takes the id later never has the same."""
        return f'"{self.version}-{hashlib.sha256(self.created_at.encode()).hexdigest()[:8]}"'


@dataclass(frozen=True, slots=True)
class Claim:
    """The record of an idempotency key: what became of the first request that came with it, and so of every retry.

    Attributes:
        key: the record's place in the table, in a key space no item id can take.
        fingerprint: hash of the request's body.
        item_id: id of the item that was, or was not, created.
        token: of the request that made the record.
        created_at: creation time of that item.
        expires_at: epoch seconds after which the key is forgotten.
        created: whether the item was created; if not, its id was taken.
    """

    key: str
    fingerprint: str
    item_id: str
    token: str
    created_at: str
    expires_at: int
    created: bool


@dataclass(frozen=True, slots=True)
class Shards:
    """Numbers of shards of the list's indexes, counted from 0: those that are read, and those new items go to."""

    read: int
    write: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An item's entry in an index: its id and its place in the list."""

    id: str
    sort_key: str


@dataclass(frozen=True, slots=True)
class Run:
    """Entries of one shard, newest first. ``stopped`` is the sort key up to which it was read, None: to its end."""

    entries: tuple[Entry, ...]
    stopped: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``resume`` is the sort key after which the list goes on, None at its end."""

    items: tuple[Item, ...]
    resume: str | None


def timestamp(moment: datetime) -> str:
    """Format an aware datetime; always 27 characters, also at a whole second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
