"""Compare a plan's value with an expectation; the operators are described in the package's docstring."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness.plan import SENSITIVE, UNKNOWN
from harness.plan.values import NOTHING, child

References = Callable[[str], frozenset[str]]
_CHARACTERS_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Operator:
    """An expectation that is not a plain value; ``tag`` as in the YAML, without ``!``."""

    tag: str
    argument: object

    def __str__(self) -> str:
        if self.argument in (None, ""):
            return f"!{self.tag}"
        return f"!{self.tag} {json.dumps(self.argument, ensure_ascii=False)}"


def compare(got: object, expected: object, path: str, references: References) -> Iterator[str]:
    """What differs, one line a value: ``path: got …, expected …``. Mappings are subsets, lists are not.

    Args:
        references: what a path of the same resource is made from, for ``!from``.
    """
    if isinstance(expected, Operator):
        yield from _operate(got, expected, path, references)
    elif isinstance(expected, dict) and isinstance(got, dict):
        for key, part in expected.items():
            yield from compare(child(got, key), part, _below(path, str(key)), references)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for at, part in enumerate(expected):
            yield from compare(got[at], part, f"{path}[{at}]", references)
    elif not equal(got, expected):
        yield _difference(got, expected, path)


def equal(got: object, expected: object) -> bool:
    """JSON's equality: ``true`` is not 1, 10 is 10.0, and a mark equals nothing."""
    if isinstance(got, bool) or isinstance(expected, bool):
        return got is expected
    if isinstance(got, dict) and isinstance(expected, dict):
        return got.keys() == expected.keys() and all(equal(got[key], expected[key]) for key in got)
    if isinstance(got, list) and isinstance(expected, list):
        return len(got) == len(expected) and all(map(equal, got, expected))
    return got == expected


def assertions(expected: object) -> int:
    """How many values an expectation asserts."""
    if isinstance(expected, dict):
        return sum(map(assertions, expected.values())) or 1
    if isinstance(expected, list):
        return sum(map(assertions, expected)) or 1
    return 1


def _operate(got: object, expected: Operator, path: str, references: References) -> Iterator[str]:
    if expected.tag == "from" and got is UNKNOWN:
        yield from _made_from(expected, path, references)
    elif not _FITS[expected.tag](got, expected.argument):
        yield _difference(got, expected, path)


def _made_from(expected: Operator, path: str, references: References) -> Iterator[str]:
    wanted = expected.argument if isinstance(expected.argument, list) else [expected.argument]
    found = references(path)
    missing = [str(one) for one in wanted if one not in found]
    if missing:
        yield f"{path}: made from {', '.join(sorted(found)) or 'nothing'}, expected {', '.join(missing)}"


def _json_is(got: object, argument: object) -> bool:
    try:
        return isinstance(got, str) and equal(json.loads(got), argument)
    except ValueError:
        return False


_FITS: Mapping[str, Callable[[object, object], bool]] = {
    "unknown": lambda got, _: got is UNKNOWN,
    "from": lambda got, _: got is UNKNOWN,
    "absent": lambda got, _: got is None or (isinstance(got, list) and not got),
    "regex": lambda got, text: isinstance(got, str) and re.fullmatch(str(text), got, re.DOTALL) is not None,
    "json": _json_is,
    "sensitive": lambda got, _: got is SENSITIVE,
}
TAGS = tuple(_FITS)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if re.fullmatch(r"[A-Za-z_][\w-]*", key) else f"{path}[{json.dumps(key)}]"


def _difference(got: object, expected: object, path: str) -> str:
    if got is NOTHING:
        return f"{path}: not in the plan, expected {shown(expected)}"
    return f"{path}: got {shown(got)}, expected {shown(expected)}"


def shown(value: object) -> str:
    """A value for a message: as JSON, cut when long, marks by name."""
    text = str(value) if isinstance(value, Operator) else json.dumps(value, default=repr, ensure_ascii=False)
    return text if len(text) <= _CHARACTERS_SHOWN else f"{text[:_CHARACTERS_SHOWN]}… ({len(text)} characters)"
