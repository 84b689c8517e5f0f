"""Compare two values of JSON deeply: the one comparison of inventories, parity and the fast lane's oracle."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.plan.values import NOTHING

Same = Callable[[object, object], bool]
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")


@dataclass(frozen=True, slots=True)
class Unlike:
    """One place at which two values differ.

    Attributes:
        path: the place, as :func:`harness.plan.steps` reads it; empty when the values differ as wholes.
        one: what stands there in the first value, ``NOTHING`` where nothing does.
        other: what stands there in the second.
    """

    path: str
    one: object
    other: object


def alike(one: object, other: object) -> bool:
    """Tell whether two leaves are equal as JSON has it: ``true`` is not 1, 10 is 10.0, and a mark equals nothing."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def unlike(
    one: object, other: object, path: str = "", *, same: Same = alike, whole_lists: bool = False
) -> Iterator[Unlike]:
    """List the places at which two values differ, keys in alphabetical order.

    Args:
        path: where both stand, put before every place.
        same: judges what is not two mappings and not two lists.
        whole_lists: report lists of unequal length as wholes, not element by element.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys(), key=str):
            mine, theirs = one.get(key, NOTHING), other.get(key, NOTHING)
            yield from unlike(mine, theirs, below(path, str(key)), same=same, whole_lists=whole_lists)
    elif isinstance(one, list) and isinstance(other, list) and (len(one) == len(other) or not whole_lists):
        for at in range(max(len(one), len(other))):
            mine, theirs = (side[at] if at < len(side) else NOTHING for side in (one, other))
            yield from unlike(mine, theirs, f"{path}[{at}]", same=same, whole_lists=whole_lists)
    elif not same(one, other):
        yield Unlike(path, one, other)


def equal(one: object, other: object) -> bool:
    """Tell whether two values are equal throughout; see :func:`alike`."""
    return next(unlike(one, other), None) is None


def below(path: str, key: str) -> str:
    """Extend a path by a key, quoted where it is no plain word."""
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{path}.{key}" if path else key
