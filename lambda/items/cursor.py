"""The list's opaque cursor.

A cursor is not signed, because there is nothing to protect: it carries the sort key after which the list
goes on, and a hash of the filter it was made for. It never names a table, an index or a shard; those the
server fixes in every query, so that a cursor outlives a change of their number. A cursor that somebody makes
up can only start elsewhere in the same list, which anybody may read anyway; it can reach neither idempotency
records nor deleted items, which are not in the index.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Final

from items.problems import Code
from rest.problems import Problem

_FORMAT: Final = 1
_SORT_KEY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z#[A-Za-z0-9_-]{1,64}")


def encode(sort_key: str, status: str | None) -> str:
    """Make the cursor that goes on after ``sort_key`` in the list filtered by ``status``."""
    raw = json.dumps([_FORMAT, sort_key, _filter_hash(status)], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(cursor: str, status: str | None) -> str:
    """Return the sort key a cursor carries.

    Raises:
        Problem: ``invalid_cursor``, when it is not one this service makes, or was made for another filter.
    """
    sort_key = _sort_key(cursor)
    # Only what encode makes is taken, so that one place in the list has one cursor.
    if sort_key is None or not _SORT_KEY.fullmatch(sort_key) or encode(sort_key, status) != cursor:
        raise Problem(Code.INVALID_CURSOR, "The cursor is not one this list made, or it was made for another filter.")
    return sort_key


def _sort_key(cursor: str) -> str | None:
    """The second element, if there is one and it is text."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        value = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError):
        return None
    if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
        return value[1]
    return None


def _filter_hash(status: str | None) -> str:
    return hashlib.sha256(json.dumps({"status": status}).encode()).hexdigest()[:8]
