"""Read the JSON document that a text of a plan holds: policies, dashboards, models, formats of access logs."""

import json
from typing import NoReturn

_DEEPEST = 60


def document_in(text: str) -> dict[str, object] | list[object] | None:
    """Return the object or list that a text says, encoded once or twice; ``None`` when it is not exactly that."""
    if not text.lstrip().startswith(("{", "[", '"{', '"[')):
        return None
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, str):
        return document_in(found)
    return found if isinstance(found, dict | list) and _shallow(found) else None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a document in which a key stands twice: one of the two values would not be seen."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _shallow(value: object) -> bool:
    """Tell whether a document is no deeper than what a comparison can walk through."""
    level = [value]
    for _ in range(_DEEPEST):
        inner = [list(one.values()) if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [part for parts in inner for part in parts]
        if not level:
            return True
    return False
