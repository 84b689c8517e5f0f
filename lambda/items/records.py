"""Between the service's values and DynamoDB records (attribute name -> typed value). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from items.model import Claim, Item

Record = Mapping[str, Mapping[str, Any]]

INDEX: Final = "by-collection"
"""The index that makes a list a Query: hash ``collection``, range ``sort_key``, all attributes projected."""

COLLECTION: Final = "items"
"""The index's one partition. DynamoDB bounds a partition at 1,000 write units a second, and so the
service's writes."""

LIVE: Final = "attribute_exists(sort_key)"
"""Holds for an item, and for nothing else in the table."""


def from_item(item: Item) -> dict[str, Any]:
    """Make the record of an item."""
    record: dict[str, Any] = {name: {"S": value} for name, value in item.document().items() if name != "version"}
    return record | {
        "version": {"N": str(item.version)},
        "collection": {"S": COLLECTION},
        "sort_key": {"S": item.sort_key},
    }


def to_item(record: Record) -> Item:
    """Read the item in a live record."""
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
    """Tell whether a record, empty when there is none, is an item: :data:`LIVE` for what has been read."""
    return "sort_key" in record


def from_claim(claim: Claim) -> dict[str, Any]:
    """Make the record of an idempotency key. ``expires_at`` is the table's TTL attribute."""
    return {
        "id": {"S": claim.key},
        "fingerprint": {"S": claim.fingerprint},
        "item_id": {"S": claim.item_id},
        "create_token": {"S": claim.token},
        "created_at": {"S": claim.created_at},
        "expires_at": {"N": str(claim.expires_at)},
        "created": {"BOOL": claim.created},
    }


def to_claim(record: Record) -> Claim:
    """Read the claim in an idempotency record."""
    return Claim(
        key=record["id"]["S"],
        fingerprint=record["fingerprint"]["S"],
        item_id=record["item_id"]["S"],
        token=record["create_token"]["S"],
        created_at=record["created_at"]["S"],
        expires_at=int(record["expires_at"]["N"]),
        # Left out by the version before, which wrote the record first and then the item.
        created=record.get("created", {"BOOL": True})["BOOL"],
    )


def text(record: Record, name: str) -> str | None:
    """Read a text attribute, None where it is missing."""
    return record[name]["S"] if name in record else None


def unchanged(item: Item) -> dict[str, Any]:
    """Make the condition of a write: the item is still the one that was read, and in that version."""
    return {
        "ConditionExpression": "#version = :version AND created_at = :created_at",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {
            ":version": {"N": str(item.version)},
            ":created_at": {"S": item.created_at},
        },
    }
