"""Trying a DynamoDB request out without changing anything, to learn what it would read and write."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ministack.services import dynamodb

from harness.localaws.patching import wraps


@dataclass(slots=True)
class Rehearsal:
    """The outcome that a request would have.

    Attributes:
        written: the items it would store, None for one that it would delete, by table's ARN and the item's keys.
        read: the items that a query or scan evaluates, before any filter.
        answer: what it would be answered.
    """

    written: dict[tuple[str, Any, Any], Any] = field(default_factory=dict)
    read: list[Any] = field(default_factory=list)
    answer: Any = None


_under_way: ContextVar[Rehearsal | None] = ContextVar("rehearsal", default=None)


def rehearse(handle: Callable[[Any], Any], data: Any) -> Rehearsal:
    """Let ministack handle a request, and keep it from changing any item."""
    found = Rehearsal()
    token = _under_way.set(found)
    try:
        found.answer = handle(data)
    finally:
        _under_way.reset(token)
    return found


def _patch_items() -> None:
    @wraps(dynamodb, "_set_item")
    def _set_item(set_item: Any, table: Any, partition: Any, sort: Any, item: Any) -> Any:
        if (found := _under_way.get()) is None:
            return set_item(table, partition, sort, item)
        found.written[table["TableArn"], partition, sort] = item
        return table["items"].get(partition, {}).get(sort)

    @wraps(dynamodb, "_remove_item")
    def _remove_item(remove_item: Any, table: Any, partition: Any, sort: Any) -> Any:
        if (found := _under_way.get()) is None:
            return remove_item(table, partition, sort)
        found.written[table["TableArn"], partition, sort] = None
        return table["items"].get(partition, {}).get(sort)


def _patch_pages() -> None:
    @wraps(dynamodb, "_paginate_evaluated_items")
    def _paginate_evaluated_items(paginate: Any, *arguments: Any) -> Any:
        page, stopped = paginate(*arguments)
        if (found := _under_way.get()) is not None:
            found.read += page
        return page, stopped


def install() -> None:
    """Patch what changes items, streams and transaction tokens. After every other patch of the same functions."""
    _patch_items()
    _patch_pages()
    for name in ("_emit_stream_event", "_txn_token_store"):

        @wraps(dynamodb, name)
        def _unless_rehearsed(function: Any, *arguments: Any, **options: Any) -> Any:
            return function(*arguments, **options) if _under_way.get() is None else None
