"""Name the place of a value that a fact cannot have, and the values that it can."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from harness.typed.known_types import known

Key = str | int


def located(document: Any, kind: type, error: msgspec.ValidationError) -> tuple[str, str, tuple[str, ...]]:
    """Return what an error says, its place as ``environments.live.requires[0]``, and what is allowed there.

    Args:
        kind: the structure that the document was not.
    """
    said, _, where = str(error).partition(" - at ")
    keys: list[Key] = []
    for part in re.findall(r"[^.\[\]]+|\[(?:\.\.\.|\d+)\]", where.strip("`").removeprefix("$")):
        # msgspec does not say which entry of a mapping is wrong: the one that is so alone.
        keys.append(_wrong_entry(document, kind, keys, str(error)) if part == "[...]" else _key(part))
    place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")
    return said, place, _allowed(kind, keys)


def _key(part: str) -> Key:
    return int(part[1:-1]) if part.startswith("[") else part


def _wrong_entry(document: Any, kind: type, keys: Sequence[Key], error: str) -> Key:
    held = document
    for key in keys:
        held = held[key]
    found: Iterable[Key] = held if isinstance(held, dict) else range(len(held))
    return next(key for key in found if _fails(_reduced(document, [*keys, key]), kind, error))


def _reduced(document: Any, keys: Sequence[Key]) -> Any:
    """Copy a document with one value alone and what is on the way to it; lists before the last key stay whole."""
    (key, *rest) = keys
    inner = _reduced(document[key], rest) if rest else document[key]
    if isinstance(document, dict):
        return {key: inner}
    return [*document[: int(key)], inner] if rest else [inner]


def _fails(document: Any, kind: type, error: str) -> bool:
    try:
        msgspec.convert(document, known(kind))
    except msgspec.ValidationError as found:
        return str(found) == error
    return False


def _allowed(kind: type, keys: Sequence[Key]) -> tuple[str, ...]:
    """List the words that may stand at a place; nothing where it takes any of a type."""
    found = _certain(msgspec.inspect.type_info(kind))
    for key in keys:
        found = _certain(_type_below(found, key))
    if isinstance(found, msgspec.inspect.EnumType):
        return tuple(sorted(str(one.value) for one in found.cls))
    if isinstance(found, msgspec.inspect.LiteralType):
        return tuple(sorted(str(one) for one in found.values))
    return tuple(sorted(one.name for one in found.fields)) if isinstance(found, msgspec.inspect.StructType) else ()


def _type_below(found: Any, key: Key) -> msgspec.inspect.Type:
    if isinstance(found, msgspec.inspect.StructType):
        return next(field.type for field in found.fields if field.encode_name == key)
    below: msgspec.inspect.Type = found.value_type if isinstance(found, msgspec.inspect.DictType) else found.item_type
    return below


def _certain(found: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """Return the type of what may also be left out."""
    if not isinstance(found, msgspec.inspect.UnionType):
        return found
    return next(one for one in found.types if not isinstance(one, msgspec.inspect.NoneType))
