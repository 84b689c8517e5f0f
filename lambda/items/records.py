"""Between the service's values and DynamoDB records (attribute name -> typed value). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from items.model import Claim, Entry, Item

Record = Mapping[str, Mapping[str, Any]]

BY_SHARD: Final = "by-shard"
"""The index of the whole list: hash ``shard``, range ``sort_key``, keys alone. An entry never moves."""

BY_STATUS: Final = "by-status"
"""The index of the list by status: hash ``status_shard``, range ``sort_key``, keys alone."""

LIVE: Final = "attribute_exists(sort_key)"
"""Holds for an item, and for nothing else in the table."""


def shard_of(sort_key: str, shards: int) -> str:
    """Choose the shard of a new item: evenly, and no client can foresee it, as the time of creation counts."""
    return str(int.from_bytes(hashlib.sha256(sort_key.encode()).digest()[:8]) % shards)


def query_key(status: str | None, shard: str) -> tuple[str, str, str]:
    """Name the index, its hash key and the key's value under which a shard of the list is found."""
    return (BY_SHARD, "shard", shard) if status is None else (BY_STATUS, "status_shard", f"{status}#{shard}")


def from_item(item: Item, shards: int) -> dict[str, Any]:
    """Make the record of an item; one without a shard gets one of so many."""
    shard = item.shard or shard_of(item.sort_key, shards)
    record: dict[str, Any] = {name: {"S": value} for name, value in item.document().items() if name != "version"}
    return record | {
        "version": {"N": str(item.version)},
        "sort_key": {"S": item.sort_key},
        "shard": {"S": shard},
        "status_shard": {"S": query_key(item.status, shard)[2]},
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
        shard=text(record, "shard"),
    )


def listed(entry: Entry, status: str | None, record: Record) -> Item | None:
    """Return the item that an index entry stands for, unless it has gone, made room for another or changed its status.

    Args:
        entry: of an index, which may be older than the record.
        status: of the list, None for all.
        record: what is stored under the entry's id, empty when that is nothing.
    """
    if text(record, "sort_key") != entry.sort_key or (status is not None and text(record, "status") != status):
        return None
    return to_item(record)


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


def unless_taken(claim: Claim, now_epoch: int) -> dict[str, Any]:
    """Make the write of an idempotency record that counts as gone once it has expired."""
    return {
        "Item": from_claim(claim),
        "ConditionExpression": "attribute_not_exists(id) OR expires_at <= :now",
        "ExpressionAttributeValues": {":now": {"N": str(now_epoch)}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
