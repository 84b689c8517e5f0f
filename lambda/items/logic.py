"""What the service decides, without I/O: the life of an item, its versions, idempotency, pages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from items.model import Claim, Entry, Item, Run, timestamp
from items.problems import Code
from items.settings import IDEMPOTENCY_SECONDS
from rest.problems import Problem

FIRST_VERSION: Final = 1
CLAIM_PREFIX: Final = "idem#"
"""``#`` is not in the pattern of item ids, so no item can ever take the place of an idempotency record."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What one request brings along that nothing else can know: made outside, so that logic stays pure.

    Attributes:
        now: an aware datetime.
        item_id: an id nobody has used.
        token: marks what this request writes.
    """

    now: datetime
    item_id: str
    token: str


def new_item(body: Mapping[str, Any], item_id: str, created_at: str) -> Item:
    """Make the item that a validated creation body describes."""
    return Item(
        id=item_id,
        name=body["name"],
        description=body["description"],
        status=body["status"],
        version=FIRST_VERSION,
        created_at=created_at,
        updated_at=created_at,
    )


def new_claim(caller: str, key: str, body: Mapping[str, Any], fresh: Fresh) -> Claim:
    """Make the record of an idempotency key, for the case that this request is the first with it.

    Args:
        caller: who sent it (the API key's id, empty where there are none): keys are private to their caller.
        key: the client's idempotency key.
        body: the validated creation body, defaults filled in.
        fresh: see :class:`Fresh`.
    """
    return Claim(
        key=CLAIM_PREFIX + _digest([caller, key]),
        fingerprint=_digest(body),
        item_id=body.get("id", fresh.item_id),
        token=fresh.token,
        created_at=timestamp(fresh.now),
        expires_at=int(fresh.now.timestamp()) + IDEMPOTENCY_SECONDS,
        created=True,
    )


def replayed_item(ours: Claim, in_force: Claim, body: Mapping[str, Any]) -> Item:
    """Answer a creation as the first request with its key was answered.

    Args:
        ours: the record this request would have made.
        in_force: the record there is.
        body: of this request.

    Raises:
        Problem: ``idempotency_conflict`` when the first one had another body, ``already_exists`` when that was the
            first answer.
    """
    if ours.fingerprint != in_force.fingerprint:
        raise Problem(Code.IDEMPOTENCY_CONFLICT, "This Idempotency-Key came with another body before.")
    if not in_force.created:
        raise already_exists()
    return new_item(body, in_force.item_id, in_force.created_at)


def replaced_item(item: Item, body: Mapping[str, Any], now: datetime) -> Item:
    """Make the item's next version out of a validated replacement body."""
    fields = {name: body[name] for name in ("name", "description", "status")}
    return replace(item, **fields, version=item.version + 1, updated_at=timestamp(now))


def matching(item: Item | None, if_match: str | None) -> Item:
    """Let through the item that a write may change.

    Args:
        item: what is stored.
        if_match: the ``If-Match`` header, already checked against the contract.

    Raises:
        Problem: ``not_found``; ``version_mismatch`` when the tag is not the item's.
    """
    if item is None:
        raise not_found()
    if if_match not in (None, "*", item.etag):
        raise Problem(Code.VERSION_MISMATCH, "The item is not, or no longer, the one that If-Match names.")
    return item


def already_exists() -> Problem:
    """Make the answer to a creation whose id is taken."""
    return Problem(Code.ALREADY_EXISTS, "There is already an item with this id.")


def not_found() -> Problem:
    """Make the answer for an id that no item has."""
    return Problem(Code.NOT_FOUND, "There is no item with this id.")


def newest(runs: Sequence[Run], wanted: int) -> tuple[list[Entry], str | None]:
    """Merge what all shards were read to, newest first.

    Args:
        runs: of every shard, all read from the same place.
        wanted: how many entries to return at most.

    Returns:
        The entries, and the sort key after which the list goes on, None at its end.
    """
    # What is older than the place where one shard's answer stopped may have that shard's entries before it.
    horizon = max((run.stopped for run in runs if run.stopped is not None), default=None)
    known = [entry for run in runs for entry in run.entries if horizon is None or entry.sort_key >= horizon]
    known.sort(key=lambda entry: entry.sort_key, reverse=True)
    return (known[:wanted], known[wanted - 1].sort_key) if len(known) > wanted else (known, horizon)


def _digest(value: object) -> str:
    """SHA-256 of the canonical JSON of a value, in hex."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
