"""Tell a stack's own state from another one in its place: an empty one, an older one, that of another stack.

Whoever believes such a state makes everything once more, destroys nothing, or destroys what is somebody else's. What
was last read here is remembered below ``build/``; a clone that has read nothing yet knows the names alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from harness.base.errors import HarnessError
from harness.base.paths import ACCOUNT, Stack, shown, write_atomically
from harness.plan.resource_types import TYPES
from harness.terraform.state import managed
from harness.typed.records import read_as

_API = "aws_api_gateway_rest_api"


class _Seen(msgspec.Struct, frozen=True):
    """A state as it was last read.

    Attributes:
        bucket: that it was read from; of another product or account there is another one, and nothing is known of it.
        resources: how many managed resources it held.
    """

    bucket: str
    lineage: str
    serial: int
    resources: int


def accept_state(stack: Stack, prefix: str, bucket: str, document: Mapping[str, Any] | None) -> None:
    """Refuse a state that cannot be the stack's, and remember the one that can.

    Args:
        prefix: first word of every name of the product.
        bucket: that it was read from.
        document: the state, parsed; None: there is no object.

    Raises:
        HarnessError: it is gone, another one, older than the one that was last read, or has names of another stack.
    """
    seen, file = _load(stack, bucket), stack.seen_state
    lost = _lost(seen, document) if seen and seen.resources else ""
    if problem := lost or (foreign(stack, prefix, document) if document else ""):
        raise HarnessError(
            f"the state {stack.state_key} {problem}",
            f"make restore {stack.make_words} WHAT=state brings the last one back; is it right as it is, "
            f"delete {shown(file)}"
            if seen
            else f"make restore {stack.make_words} WHAT=state lists its versions",
        )
    if document is None:
        return
    now = _Seen(bucket, document["lineage"], document["serial"], sum(1 for _ in managed(document)))
    if now != seen:
        write_atomically(file, msgspec.json.encode(now))


def seen_lineage(stack: Stack, bucket: str) -> str:
    """Return the lineage of the state that was last read here from a bucket; empty where none was, or held nothing."""
    seen = _load(stack, bucket)
    return seen.lineage if seen and seen.resources else ""


def forget_state(stack: Stack) -> None:
    """Forget what was last read: another version was made the newest on purpose."""
    stack.seen_state.unlink(missing_ok=True)


def _load(stack: Stack, bucket: str) -> _Seen | None:
    """Return what was last read; nothing before the first time, or from a damaged file: the next read mends it."""
    try:
        seen = read_as(stack.seen_state.read_bytes(), _Seen)
    except (FileNotFoundError, ValueError):
        return None
    return seen if seen.bucket == bucket else None


def _lost(seen: _Seen, document: Mapping[str, Any] | None) -> str:
    held = f"serial {seen.serial}, {seen.resources} resources, when it was last read here"
    if document is None:
        return f"is gone ({held})"
    if document["lineage"] != seen.lineage:
        return f"is another one, begun anew as serial {document['serial']} ({held})"
    return f"is an older one, serial {document['serial']} ({held})" if document["serial"] < seen.serial else ""


def foreign(stack: Stack, prefix: str, document: Mapping[str, Any]) -> str:
    """Name a resource that is called after another suffix; empty where there is none, and for the account's root.

    The API is called by prefix and suffix alone, which tells suffixes apart of which one ends as the other does.
    """
    if stack.environment == ACCOUNT:
        return ""
    found = [(kind, name) for kind, name in _names(document) if name.startswith(f"{prefix}-")]
    told = "is that of another stack: its {} is called {}, and {}"
    for kind, name in found:
        if not name.endswith(f"-{stack.suffix}"):
            return told.format(kind, name, f"names here end with -{stack.suffix}")
    own, apis = f"{prefix}-{stack.suffix}", [name for kind, name in found if kind == _API]
    return told.format(_API, apis[0], f"here it is {own}") if apis and own not in apis else ""


def _names(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, attributes in managed(document):
        name = attributes.get(TYPES[kind].name) if kind in TYPES and TYPES[kind].name else None
        if isinstance(name, str):
            yield kind, name
