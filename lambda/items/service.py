"""Do what each operation of the contract asks for: logic decides, the store acts. Knows neither AWS events nor
boto3."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from items import cursor, logic
from items.model import Claim, Item, Page
from items.settings import ATTEMPT_SECONDS, LIST_MAX_ROUNDS, WRITE_TRIES
from items.store import Store
from rest.problems import unavailable


@dataclass(frozen=True, slots=True)
class Created:
    """A creation's outcome; ``replayed`` when an earlier request with the same idempotency key came first."""

    item: Item
    replayed: bool


def create_item(store: Store, body: Mapping[str, Any], key: str | None, caller: str) -> Created:
    """Create an item, once per idempotency key.

    Item and record of the key are stored in one step, and what the record says is what every retry is answered, also
    when the item has changed or gone since. So no retry can bring an item back.

    Raises:
        Problem: ``already_exists``, ``idempotency_conflict``, and what the store raises.
    """
    fresh = logic.Fresh(datetime.now(UTC), str(uuid.uuid4()), str(uuid.uuid4()))
    ours = logic.new_claim(caller, key or "", body, fresh)
    item = logic.new_item(body, ours.item_id, ours.created_at)
    now = int(fresh.now.timestamp())
    met = store.create(item, fresh.token, None if key is None else ours, now)
    if met is False and key is not None:
        met = store.remember(replace(ours, created=False), now)
    if met is False:
        raise logic.already_exists()
    if isinstance(met, Claim):
        return Created(logic.replayed_item(ours, met, body), replayed=met.token != ours.token)
    return Created(item, replayed=False)


def get_item(store: Store, item_id: str) -> Item:
    """Read an item.

    Raises:
        Problem: ``not_found``, and what the store raises.
    """
    return logic.matching(store.get(item_id), None)


def replace_item(store: Store, item_id: str, body: Mapping[str, Any], if_match: str | None) -> Item:
    """Replace an item and raise its version: read it, and write what follows on condition that it is still that.

    Raises:
        Problem: ``not_found``, ``version_mismatch``, ``unavailable`` when others change the item all the time, and what
            the store raises.
    """
    for _ in range(WRITE_TRIES):
        item = logic.matching(store.get(item_id), if_match)
        replaced = logic.replaced_item(item, body, datetime.now(UTC))
        if store.replace(item, replaced, str(uuid.uuid4())):
            return replaced
    raise unavailable()


def delete_item(store: Store, item_id: str, if_match: str | None) -> None:
    """Delete an item.

    Raises:
        Problem: as :func:`replace_item`.
    """
    for _ in range(WRITE_TRIES):
        if store.delete(logic.matching(store.get(item_id), if_match), str(uuid.uuid4())):
            return
    raise unavailable()


def list_items(store: Store, limit: int, status: str | None, token: str | None) -> tuple[Page, str | None]:
    """Read a page and the cursor of the next.

    Where items have gone or changed since their entries were made, more rounds fill the page, a bounded number of them
    and only while there is time: a short page with a cursor is better than a full one too late.

    Raises:
        Problem: ``invalid_cursor``, and what the store raises.
    """
    found: list[Item] = []
    place = cursor.decode(token, status) if token is not None else None
    for _ in range(LIST_MAX_ROUNDS):
        wanted = limit - len(found)
        # One entry more than wanted shows whether the list goes on.
        entries, place = logic.newest(store.query(place, status, wanted + 1), wanted)
        found += store.read(entries, status)
        if place is None or len(found) == limit or not store.budget.allows(ATTEMPT_SECONDS):
            break
    return Page(tuple(found), place), None if place is None else cursor.encode(place, status)
