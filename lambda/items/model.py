"""The values the service works with. Times are RFC 3339 in UTC with microseconds, so they sort as text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Item:
    """An item as clients see it."""

    id: str
    name: str
    description: str
    status: str
    version: int
    created_at: str
    updated_at: str

    def document(self) -> dict[str, str | int]:
        """The JSON a client gets; the keys are the contract's."""
        return asdict(self)

    @property
    def sort_key(self) -> str:
        """Its place in the list, unique because the id is part of it."""
        return f"{self.created_at}#{self.id}"

    @property
    def etag(self) -> str:
        """The version as a strong entity tag."""
        return f'"{self.version}"'


@dataclass(frozen=True, slots=True)
class Fields:
    """What a replacement sets."""

    name: str
    description: str
    status: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What an idempotency key stands for: the record that makes every retry create the same item.

    Attributes:
        key: the record's place in the table, in a key space no item id can take.
        fingerprint: hash of the request's body.
        item_id: id of the one item that this key creates.
        token: what that item carries to show which creation it came from.
        created_at: creation time of that item.
        expires_at: epoch seconds after which the key is forgotten.
    """

    key: str
    fingerprint: str
    item_id: str
    token: str
    created_at: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``resume`` is the sort key after which the list goes on, None at its end."""

    items: tuple[Item, ...]
    resume: str | None


class Refusal(StrEnum):
    """Why a conditional write did not happen."""

    MISSING = "missing"
    VERSION = "version"


def timestamp(moment: datetime) -> str:
    """Format an aware datetime; always 27 characters, also at a whole second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
