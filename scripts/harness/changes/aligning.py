"""Pair the elements of two lists, so that one put in at the front does not show every other as changed.

Plan JSON does not tell sets from lists. ``difflib`` serves both: it keeps the order, so that what only moves in a list
is told, and Terraform sorts the elements of a set, so that what stays in one stays in order.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from harness.plan.values import UNKNOWN

Pair = tuple[int | None, int | None]
"""Index before and index after; ``None`` where it has no counterpart."""

_NAMES = ("name", "id", "key", "index_name", "alarm_name")
_SIMILAR = 0.5
_MANY = 10_000
"""So many comparisons of two elements are made at most; longer lists are paired in order."""
_SAME = 8
"""Of so many equal elements on both sides, on the average; long lists that repeat more are paired in order."""
_LONG = 20
"""Up to so many elements, each that stands elsewhere is told."""


def aligned(before: Sequence[object], after: Sequence[object]) -> Iterator[Pair]:
    """Pair what is not equal on both sides, in order; what has no counterpart comes alone."""
    one, other = [_frozen(part) for part in before], [_frozen(part) for part in after]
    start, stop = _shared(one, other)
    mine, theirs = range(start, len(one) - stop), range(start, len(other) - stop)
    left, right = one[mine.start : mine.stop], other[theirs.start : theirs.stop]
    if _repeats(left, right):
        for was, will in zip_longest(mine, theirs):
            if was is None or will is None or one[was] != other[will]:
                yield was, will
        return
    for kind, *places in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind != "equal":
            a, b, c, d = (place + start for place in places)
            yield from _paired(before, after, range(a, b), range(c, d))


def reordered(before: Sequence[object], after: Sequence[object]) -> bool:
    """Tell if two long lists have the same elements in another order, which pair by pair are two lines for each."""
    if len(before) != len(after) or len(before) <= _LONG:
        return False
    one, other = [_frozen(part) for part in before], [_frozen(part) for part in after]
    return one != other and Counter(one) == Counter(other)


def _shared(one: Sequence[object], other: Sequence[object]) -> tuple[int, int]:
    """Count the equal elements at both ends, each of them once."""
    most = min(len(one), len(other))
    start = next((at for at in range(most) if one[at] != other[at]), most)
    end = next((at for at in range(most - start) if one[-1 - at] != other[-1 - at]), most - start)
    return start, end


def _repeats(one: Sequence[object], other: Sequence[object]) -> bool:
    """Tell if so many elements are equal to so many others that ``difflib`` would compare each with each."""
    counts = Counter(other)
    return sum(counts[part] for part in one) > max(_MANY, _SAME * (len(one) + len(other)))


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
