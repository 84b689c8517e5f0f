"""Make both sides of a change comparable without its secrets: each becomes a seal, equal where the values are equal."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from harness.plan.values import UNKNOWN

_SHORTEST = 6


class Masked(NamedTuple):
    """A value as Terraform wrote it, and the trees of ``true`` that say what of it is sensitive, and what unknown."""

    value: object
    sensitive: object
    unknown: object


@dataclass(frozen=True, slots=True)
class Sealed:
    """Stands for a sensitive value: equal to another seal of the same change exactly when the values are equal."""

    number: int

    def __repr__(self) -> str:
        return "<sensitive>"


def seal(before: Masked, after: Masked) -> tuple[object, object]:
    """Return both sides with ``UNKNOWN`` and :class:`Sealed` in place; what one side calls sensitive is so on both.

    A text that holds a sensitive one is sealed, too: a provider may copy one into an attribute that is not marked, as
    ``terraform_data`` does.
    """
    secret = _either(before.sensitive, after.sensitive)
    seals = _Seals(frozenset(text for side in (before, after) for text in _secrets(side.value, secret)))
    return _lay(before.value, secret, before.unknown, seals), _lay(after.value, secret, after.unknown, seals)


@dataclass(slots=True)
class _Seals:
    secrets: frozenset[str]
    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, value: object, unknown: object) -> Sealed:
        """Return the seal of a value; one that is in part unknown is like none that is known."""
        text = json.dumps([value, unknown if _marks(unknown) else None], sort_keys=True)
        return Sealed(self.numbers.setdefault(text, len(self.numbers)))

    def hold(self, value: object) -> bool:
        """Tell whether a value is a text with a secret in it."""
        return isinstance(value, str) and any(secret in value for secret in self.secrets)


def _lay(value: object, sensitive: object, unknown: object, seals: _Seals) -> object:
    if sensitive is True or (_marks(sensitive) and not _fits(value, sensitive)) or seals.hold(value):
        return seals.of(value, unknown)
    if unknown is True:
        return UNKNOWN
    if isinstance(value, dict) or (isinstance(unknown, dict) and _marks(unknown)):
        known = value if isinstance(value, dict) else {}
        later = unknown if isinstance(unknown, dict) else {}
        secret = sensitive if isinstance(sensitive, dict) else {}
        keys = [*known, *(key for key, part in later.items() if key not in known and _marks(part))]
        return {key: _lay(known.get(key), secret.get(key), later.get(key), seals) for key in keys}
    if isinstance(value, list) or (isinstance(unknown, list) and _marks(unknown)):
        items, secret_parts, later_parts = (one if isinstance(one, list) else [] for one in (value, sensitive, unknown))
        wanted = max(len(items), len(later_parts))
        parts = zip_longest(items, secret_parts[:wanted], later_parts)
        return [_lay(item, secret, later, seals) for item, secret, later in parts]
    return value


def _secrets(value: object, sensitive: object) -> Iterator[str]:
    """List texts of a value that are sensitive, short ones apart: those stand in too many others."""
    if isinstance(value, str):
        yield from (value,) if _marks(sensitive) and len(value) >= _SHORTEST else ()
    elif isinstance(value, dict):
        marks = sensitive if isinstance(sensitive, dict) else {}
        for key, part in value.items():
            yield from _secrets(part, sensitive is True or marks.get(key))
    elif isinstance(value, list):
        parts = sensitive if isinstance(sensitive, list) else []
        for at, part in enumerate(value):
            yield from _secrets(part, sensitive is True or (parts[at] if at < len(parts) else False))


def _fits(value: object, marks: object) -> bool:
    """Tell whether a mask of parts can say which parts of a value it means; else it means all of it."""
    return value is None or type(value) is type(marks)


def _marks(mask: object) -> bool:
    if isinstance(mask, dict | list):
        return any(map(_marks, mask.values() if isinstance(mask, dict) else mask))
    return mask is True


def _either(one: object, other: object) -> object:
    """Join two masks; where they speak of different kinds of values the whole is meant."""
    if not _marks(one) or not _marks(other):
        return one if _marks(one) else other
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _either(one.get(key), other.get(key)) for key in (*one, *other)}
    if isinstance(one, list) and isinstance(other, list):
        return [_either(mine, theirs) for mine, theirs in zip_longest(one, other)]
    return True
