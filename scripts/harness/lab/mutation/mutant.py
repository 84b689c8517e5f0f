"""Files with one setting broken, and their names."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    """Ways to break a setting."""

    DELETE_ATTRIBUTE = "delete-attribute"
    DELETE_BLOCK = "delete-block"
    DELETE_ENTRY = "delete-entry"
    DELETE_ELEMENT = "delete-element"
    FLIP_BOOLEAN = "flip-boolean"
    CHANGE_NUMBER = "change-number"
    CHANGE_TEXT = "change-text"
    WIDEN = "widen"
    TURN_OPERATOR = "turn-operator"
    SWAP_BRANCHES = "swap-branches"
    DROP_CONDITION = "drop-condition"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one setting broken.

    Attributes:
        file: relative to the repository.
        line: 1-based, where the broken text began.
        path: of the setting, e.g. ``resource.aws_lambda_function.this.timeout``.
        start: offset of ``old`` in the file, in characters.
        key: tells it from every other mutant of the tree, whatever its line: file, path, operator, and which one of
            several on the same path.
    """

    file: str
    line: int
    path: str
    operator: Operator
    old: str
    new: str
    start: int
    key: str

    def applied(self, text: str) -> str:
        """Return the file's text with the setting broken."""
        return text[: self.start] + self.new + text[self.start + len(self.old) :]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text: what stands from ``start`` to ``end`` becomes ``new``."""

    operator: Operator
    path: tuple[str, ...]
    start: int
    end: int
    new: str


def named(edits: Iterable[Edit], text: str, file: str) -> list[Mutant]:
    """Make mutants of edits, in the order of their lines, each with a key of its own."""
    seen: Counter[str] = Counter()
    found = []
    for edit in sorted(edits, key=lambda one: (one.start, one.operator)):
        path = ".".join(edit.path)
        name = f"{file}:{path}:{edit.operator}"
        seen[name] += 1
        key = name if seen[name] == 1 else f"{name}:{seen[name]}"
        old = text[edit.start : edit.end]
        line = text.count("\n", 0, edit.start) + 1
        found.append(Mutant(file, line, path, edit.operator, old, edit.new, edit.start, key))
    return found
