"""Read the JSON document that a text of a plan holds: policies, dashboards, models, formats of access logs."""

import json
from decimal import Decimal
from typing import NoReturn

from harness.plan.values import shallow, unique

_DEEPEST = 60


def document_in(text: str) -> dict[str, object] | list[object] | None:
    """Return the object or list that a text says, encoded once or twice; ``None`` when it is not exactly that."""
    if not text.lstrip().startswith(("{", "[", '"{', '"[')):
        return None
    try:
        found = json.loads(text, object_pairs_hook=unique, parse_constant=_refuse, parse_float=_exact)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, str):
        return document_in(found)
    return found if isinstance(found, dict | list) and shallow(found, _DEEPEST) else None


def _exact(number: str) -> float:
    """Refuse a number that is another one as 64 bits hold it: two that differ would seem equal."""
    found = float(number)
    if Decimal(number) != Decimal(repr(found)):
        raise ValueError("a number has too many digits")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
