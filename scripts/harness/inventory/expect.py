"""Compare a plan's value with an expectation; the operators are described in the package's docstring."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from harness.plan import SENSITIVE, UNKNOWN
from harness.plan.differences import below, equal, unlike
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
    """List what differs, one line a value: ``path: got …, expected …``. Mappings are subsets, lists are not.

    Args:
        references: what a path of the same resource is made from, for ``!from``.
    """
    if isinstance(expected, Operator):
        yield from _operate(got, expected, path, references)
    elif isinstance(expected, dict) and isinstance(got, dict):
        for key, part in expected.items():
            yield from compare(child(got, key), part, below(path, str(key)), references)
    elif isinstance(expected, list) and isinstance(got, list) and expected and got:
        yield from _compare_lists(got, expected, path, references)
    elif not equal(got, expected):
        yield _difference(got, expected, path)


def _compare_lists(got: list[object], expected: list[object], path: str, references: References) -> Iterator[str]:
    """List what differs element by element; of lists of unequal length the first element alone, in one line."""
    pairs = zip_longest(got, expected, fillvalue=NOTHING)
    found = (
        text for at, (mine, part) in enumerate(pairs) for text in _element(mine, part, f"{path}[{at}]", references)
    )
    if len(got) == len(expected):
        yield from found
    else:
        yield f"{path}: got {len(got)} element(s), expected {len(expected)}; {next(found)}"


def _element(got: object, expected: object, path: str, references: References) -> Iterator[str]:
    if expected is NOTHING:
        yield f"{path}: got {shown(got)}, expected nothing"
    elif got is NOTHING:
        yield _difference(got, expected, path)
    else:
        yield from compare(got, expected, path, references)


def assertions(expected: object) -> int:
    """Count the values that an expectation asserts."""
    if isinstance(expected, dict):
        return sum(map(assertions, expected.values())) or 1
    if isinstance(expected, list):
        return sum(map(assertions, expected)) or 1
    return 1


def _operate(got: object, expected: Operator, path: str, references: References) -> Iterator[str]:
    # Where a value is made from shows nothing of it, so a secret may be asked for that as well.
    if expected.tag == "from" and (got is UNKNOWN or got is SENSITIVE):
        yield from _made_from(expected, path, references)
    elif expected.tag == "json" and (document := document_of(got)) is not NOTHING:
        yield from _compare_documents(document, expected.argument, path)
    elif not _FITS[expected.tag](got, expected.argument):
        yield _difference(got, expected, path)


def _made_from(expected: Operator, path: str, references: References) -> Iterator[str]:
    wanted = expected.argument if isinstance(expected.argument, list) else [expected.argument]
    found = references(path)
    missing = [str(one) for one in wanted if one not in found]
    if missing:
        yield f"{path}: made from {', '.join(sorted(found)) or 'nothing'}, expected {', '.join(missing)}"


def _compare_documents(got: object, expected: object, path: str) -> Iterator[str]:
    """Name the first place at which two documents differ, and how many more there are."""
    found = list(unlike(got, expected))
    if found:
        first, more = found[0], f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        sides = ("nothing" if side is NOTHING else shown(side) for side in (first.one, first.other))
        where = f"{path}: {first.path}" if first.path else path
        yield f"{where}: got {', expected '.join(sides)}{more}"


def document_of(got: object) -> object:
    """Read a JSON text; ``NOTHING`` for anything else."""
    try:
        return json.loads(got) if isinstance(got, str) else NOTHING
    except ValueError:
        return NOTHING


_FITS: Mapping[str, Callable[[object, object], bool]] = {
    "unknown": lambda got, _: got is UNKNOWN,
    "from": lambda *_: False,  # where a mark is made from is compared above
    "absent": lambda got, _: got is None or (isinstance(got, list) and not got),
    "regex": lambda got, text: isinstance(got, str) and re.fullmatch(str(text), got, re.DOTALL) is not None,
    "json": lambda *_: False,  # what is JSON is compared above
    "sensitive": lambda got, _: got is SENSITIVE,
}
TAGS = tuple(_FITS)


def _difference(got: object, expected: object, path: str) -> str:
    if got is NOTHING:
        return f"{path}: not in the plan, expected {shown(expected)}"
    return f"{path}: got {shown(got)}, expected {shown(expected)}"


def shown(value: object) -> str:
    """Write a value for a message: as JSON, cut when long, marks by name."""
    text = str(value) if isinstance(value, Operator) else json.dumps(value, default=repr, ensure_ascii=False)
    return text if len(text) <= _CHARACTERS_SHOWN else f"{text[:_CHARACTERS_SHOWN]}… ({len(text)} characters)"
