"""Problems and the lines they stand on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""Keys and indices that lead from the top of the document to a value."""

_LONGEST = 240


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that must be corrected in the contract.

    Attributes:
        line: line of the file, from 1.
        wrong: description of the fault, on one line.
        instead: correction, in the imperative, on one line.
    """

    line: int
    wrong: str
    instead: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem whose line is not looked up yet."""

    path: Path
    wrong: str
    instead: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a document, from 1, by path.

    Attributes:
        keys: line of each key of a mapping.
        values: line on which each value begins; of an alias, where its anchor stands.
    """

    keys: Mapping[Path, int] = field(default_factory=dict)
    values: Mapping[Path, int] = field(default_factory=dict)

    def of(self, path: Path) -> int:
        """Return the line of a key or value; of something missing, the line of what it is missing from."""
        for length in range(len(path), -1, -1):
            known = self.keys.get(path[:length], self.values.get(path[:length]))
            if known is not None:
                return known
        return 1


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document as it was read.

    Attributes:
        document: values as JSON knows them; empty when there are problems.
        lines: lines of keys and values.
        problems: reasons why the text cannot be read.
    """

    document: dict[str, Any]
    lines: Lines
    problems: tuple[Problem, ...] = ()


def located(faults: Iterable[Fault], lines: Lines) -> tuple[Problem, ...]:
    """Look up each fault's line; sort by line and drop duplicates, which aliases make."""
    found = {Problem(lines.of(fault.path), one_line(fault.wrong), one_line(fault.instead)) for fault in faults}
    return tuple(sorted(found))


def one_line(text: str) -> str:
    """Join a text's lines and cut it to a length that can be read."""
    joined = " ".join(text.split())
    return joined if len(joined) <= _LONGEST else f"{joined[: _LONGEST - 1]}…"


def mapping(value: object) -> dict[str, Any]:
    """Return a mapping as it is and anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """Return a list as it is and anything else as an empty one."""
    return value if isinstance(value, list) else []
