"""Between the service's values and DynamoDB records (attribute name -> typed value). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from items.model import Claim, Item, Refusal

Record = Mapping[str, Mapping[str, Any]]

INDEX: Final = "by-collection"
"""The index that makes a list a Query: hash ``collection``, range ``sort_key``, all attributes projected."""

COLLECTION: Final = "items"
"""The index's one partition. DynamoDB bounds a partition at 1,000 write units a second, and so the
service's writes."""

_LIVE: Final = "attribute_exists(id) AND attribute_not_exists(deleted_at)"


def from_item(item: Item, token: str, replay_until: int | None) -> dict[str, Any]:
    """The record of a new item.

    Args:
        item: what to store.
        token: of the creation; stays for good as ``create_token``.
        replay_until: epoch seconds until when an idempotency key may ask for this creation again, None
            without key.
    """
    record: dict[str, Any] = {name: {"S": value} for name, value in item.document().items() if name != "version"}
    record |= {
        "version": {"N": str(item.version)},
        "collection": {"S": COLLECTION},
        "sort_key": {"S": item.sort_key},
        "create_token": {"S": token},
        "write_token": {"S": token},
    }
    if replay_until is not None:
        record["replay_until"] = {"N": str(replay_until)}
    return record


def to_item(record: Record) -> Item:
    """The item in a live record."""
    return Item(
        id=record["id"]["S"],
        name=record["name"]["S"],
        description=record["description"]["S"],
        status=record["status"]["S"],
        version=int(record["version"]["N"]),
        created_at=record["created_at"]["S"],
        updated_at=record["updated_at"]["S"],
    )


def is_live(record: Record) -> bool:
    """Whether a record, empty when there is none, is an item and not a tombstone."""
    return bool(record) and "deleted_at" not in record


def from_claim(claim: Claim) -> dict[str, Any]:
    """The record of an idempotency key. ``expires_at`` is the table's TTL attribute."""
    return {
        "id": {"S": claim.key},
        "fingerprint": {"S": claim.fingerprint},
        "item_id": {"S": claim.item_id},
        "create_token": {"S": claim.token},
        "created_at": {"S": claim.created_at},
        "expires_at": {"N": str(claim.expires_at)},
    }


def to_claim(record: Record) -> Claim:
    """The claim in an idempotency record."""
    return Claim(
        key=record["id"]["S"],
        fingerprint=record["fingerprint"]["S"],
        item_id=record["item_id"]["S"],
        token=record["create_token"]["S"],
        created_at=record["created_at"]["S"],
        expires_at=int(record["expires_at"]["N"]),
    )


def text(record: Record, name: str) -> str | None:
    """A text attribute, None where it is missing."""
    return record[name]["S"] if name in record else None


def expecting(version: int | None) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Condition, names and values of a write for "is live, and has this version if one is asked for"."""
    if version is None:
        return _LIVE, {}, {}
    return f"{_LIVE} AND #version = :expected", {"#version": "version"}, {":expected": {"N": str(version)}}


def refusal(record: Record) -> Refusal:
    """Why a write to this record was refused, empty when there is none."""
    return Refusal.VERSION if is_live(record) else Refusal.MISSING
