"""Pair the elements of two lists, so that one put in at the front does not show every other as changed.

Plan JSON does not tell sets from lists. ``difflib`` serves both: it keeps the order, so that what only moves in a list
is told, and Terraform sorts the elements of a set, so that what stays in one stays in order.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from harness.plan.values import UNKNOWN

Pair = tuple[int | None, int | None]
"""Index before and index after; ``None`` where it has no counterpart."""

_NAMES = ("name", "id", "key", "index_name", "alarm_name")
_SIMILAR = 0.5
_MANY = 10_000
"""So many comparisons of two elements are made at most; longer lists are paired in order."""


def aligned(before: Sequence[object], after: Sequence[object]) -> Iterator[Pair]:
    """Pair what is not equal on both sides, in order; what has no counterpart comes alone."""
    one, other = [_frozen(part) for part in before], [_frozen(part) for part in after]
    for kind, start, end, begin, stop in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _paired(before, after, range(start, end), range(begin, stop))


def _paired(before: Sequence[object], after: Sequence[object], mine: range, theirs: range) -> Iterator[Pair]:
    left = list(theirs)
    blocks = all(isinstance(part, dict) for part in (*before[mine.start : mine.stop], *(after[at] for at in theirs)))
    by_order = not blocks or len(mine) == len(theirs) == 1 or len(mine) * len(theirs) > _MANY
    for at in mine:
        found = left[0] if by_order and left else None
        if not by_order and left:
            likeness, first = max((_likeness(before[at], after[one]), -one) for one in left)
            found = -first if likeness >= _SIMILAR else None
        if found is not None:
            left.remove(found)
        yield at, found
    yield from ((None, at) for at in left)


def _likeness(one: object, other: object) -> float:
    """Return the share of attributes in which two blocks agree; those called otherwise have nothing in common."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return 0.0
    for name in _NAMES:
        if isinstance(one.get(name), str) and isinstance(other.get(name), str):
            return 1.0 if one[name] == other[name] else 0.0
    keys = one.keys() | other.keys()
    same = sum(_frozen(one[key]) == _frozen(other[key]) for key in one.keys() & other.keys())
    return same / len(keys) if keys else 1.0


def _frozen(value: object) -> object:
    """Return what can stand in a set, equal for equal values: an unknown one is equal to none."""
    if value is UNKNOWN:
        return object()
    if isinstance(value, dict):
        return "map", tuple(sorted(((key, _frozen(part)) for key, part in value.items()), key=lambda pair: pair[0]))
    if isinstance(value, list):
        return "list", tuple(map(_frozen, value))
    return type(value) is bool, value
