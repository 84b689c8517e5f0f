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


class _Seen(msgspec.Struct, frozen=True):
    """A state as it was last read.

    Attributes:
        resources: how many managed resources it held.
    """

    lineage: str
    serial: int
    resources: int


def accept_state(stack: Stack, prefix: str, document: Mapping[str, Any] | None) -> None:
    """Refuse a state that cannot be the stack's, and remember the one that can.

    Args:
        prefix: first word of every name of the product.
        document: the state, parsed; None: there is no object.

    Raises:
        HarnessError: it is gone, another one, older than the one that was last read, or has names of another stack.
    """
    seen, file = _load(stack), stack.seen_state
    if problem := (_lost(seen, document) if seen and seen.resources else "") or _foreign(stack, prefix, document):
        raise HarnessError(
            f"the state {stack.state_key} {problem}",
            f"make restore {stack.make_words} WHAT=state brings the last one back; is it right as it is, "
            f"delete {shown(file)}"
            if seen
            else f"make restore {stack.make_words} WHAT=state lists its versions",
        )
    if document is None:
        return
    now = _Seen(document["lineage"], document["serial"], sum(1 for _ in _instances(document)))
    if now != seen:
        write_atomically(file, msgspec.json.encode(now))


def seen_lineage(stack: Stack) -> str:
    """Return the lineage of the state that was last read here; empty where none was."""
    seen = _load(stack)
    return seen.lineage if seen else ""


def forget_state(stack: Stack) -> None:
    """Forget what was last read: another version was made the newest on purpose."""
    stack.seen_state.unlink(missing_ok=True)


def _load(stack: Stack) -> _Seen | None:
    """Return what was last read; nothing before the first time, or from a damaged file: the next read mends it."""
    try:
        return msgspec.json.decode(stack.seen_state.read_bytes(), type=_Seen)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _lost(seen: _Seen, document: Mapping[str, Any] | None) -> str:
    held = f"serial {seen.serial}, {seen.resources} resources, when it was last read here"
    if document is None:
        return f"is gone ({held})"
    if document["lineage"] != seen.lineage:
        return f"is another one, begun anew as serial {document['serial']} ({held})"
    return f"is an older one, serial {document['serial']} ({held})" if document["serial"] < seen.serial else ""


def _foreign(stack: Stack, prefix: str, document: Mapping[str, Any] | None) -> str:
    """Name a resource that is called after another suffix; empty where there is none, and for the account's root."""
    if document is None or stack.environment == ACCOUNT:
        return ""
    for kind, attributes in _instances(document):
        name = attributes.get(TYPES[kind].name) if kind in TYPES and TYPES[kind].name else None
        if isinstance(name, str) and name.startswith(f"{prefix}-") and not name.endswith(f"-{stack.suffix}"):
            return f"is that of another stack: its {kind} is called {name}, and names here end with -{stack.suffix}"
    return ""


def _instances(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for resource in document["resources"]:
        if resource["mode"] == "managed":
            yield from ((resource["type"], instance.get("attributes") or {}) for instance in resource["instances"])
