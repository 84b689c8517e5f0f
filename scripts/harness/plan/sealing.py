"""Make both sides of a change comparable without its secrets: each becomes a seal, equal where the values are equal."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from harness.plan.secrets import Secrets, written
from harness.plan.values import UNKNOWN, has_mark


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


def seal(before: Masked, after: Masked, secrets: Secrets, *, attributes: bool = False) -> tuple[object, object]:
    """Return both sides with ``UNKNOWN`` and :class:`Sealed` in place; what one side calls sensitive is so on both.

    What tells a secret of the plan is sealed, too, wherever it stands: a provider may copy one into an attribute that
    is not marked, as ``terraform_data`` does. A map with a secret in a key is sealed as a whole.

    Args:
        attributes: both are a resource's, whose outermost keys are names of a schema and never a value.
    """
    secret = _either(before.sensitive, after.sensitive)
    seals = _Seals(secrets)
    sides = (_lay(one.value, secret, one.unknown, seals, schema=attributes) for one in (before, after))
    return next(sides), next(sides)


def secret_texts(before: Masked, after: Masked) -> Iterator[str]:
    """List the sensitive texts and numbers of both sides, without keys: they are mostly names of attributes."""
    secret = _either(before.sensitive, after.sensitive)
    return (text for side in (before, after) for text in _secrets(side.value, secret))


@dataclass(slots=True)
class _Seals:
    secrets: Secrets
    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, value: object, unknown: object) -> Sealed:
        """Return the seal of a value; one that is in part unknown is like none that is known."""
        text = json.dumps([value, unknown if has_mark(unknown) else None], sort_keys=True)
        return Sealed(self.numbers.setdefault(text, len(self.numbers)))

    def hold(self, value: object) -> bool:
        """Tell whether a value, or a key of it, tells a secret."""
        if isinstance(value, dict):
            return any(map(self.secrets.told_by, value))
        return self.secrets.told_by(value)


def _lay(value: object, sensitive: object, unknown: object, seals: _Seals, *, schema: bool = False) -> object:
    if _whole(value, sensitive) or (not schema and seals.hold(value)):
        return seals.of(value, unknown)
    if unknown is True:
        return UNKNOWN
    if isinstance(value, dict) or (isinstance(unknown, dict) and has_mark(unknown)):
        known = value if isinstance(value, dict) else {}
        later = unknown if isinstance(unknown, dict) else {}
        secret = sensitive if isinstance(sensitive, dict) else {}
        keys = [*known, *(key for key, part in later.items() if key not in known and has_mark(part))]
        return {key: _lay(known.get(key), secret.get(key), later.get(key), seals) for key in keys}
    if isinstance(value, list) or (isinstance(unknown, list) and has_mark(unknown)):
        items, secret_parts, later_parts = (one if isinstance(one, list) else [] for one in (value, sensitive, unknown))
        wanted = max(len(items), len(later_parts))
        parts = zip_longest(items, secret_parts[:wanted], later_parts)
        return [_lay(item, secret, later, seals) for item, secret, later in parts]
    return value


def _secrets(value: object, sensitive: object) -> Iterator[str]:
    if isinstance(value, dict):
        marks = sensitive if isinstance(sensitive, dict) else {}
        whole = _whole(value, sensitive)
        for key, part in value.items():
            yield from _secrets(part, whole or marks.get(key))
    elif isinstance(value, list):
        parts = sensitive if isinstance(sensitive, list) else []
        whole = _whole(value, sensitive)
        for at, part in enumerate(value):
            yield from _secrets(part, whole or (parts[at] if at < len(parts) else False))
    elif has_mark(sensitive) and isinstance(value, str | int | float):
        yield value if isinstance(value, str) else written(value)


def _whole(value: object, sensitive: object) -> bool:
    """Tell whether all of a value is sensitive: its mask says so, or cannot say which parts of it are meant."""
    return sensitive is True or (has_mark(sensitive) and value is not None and type(value) is not type(sensitive))


def _either(one: object, other: object) -> object:
    """Join two masks; where they speak of different kinds of values the whole is meant."""
    if not has_mark(one) or not has_mark(other):
        return one if has_mark(one) else other
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _either(one.get(key), other.get(key)) for key in (*one, *other)}
    if isinstance(one, list) and isinstance(other, list):
        return [_either(mine, theirs) for mine, theirs in zip_longest(one, other)]
    return True
