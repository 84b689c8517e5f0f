"""Values of a graph of YAML nodes; aliases are written out, merge keys merged, lines kept.

Plain scalars are read as by YAML 1.2's core schema: https://yaml.org/spec/1.2.2/#103-core-schema.
"""

import math
import re
from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.contract.located import Path, Problem

Scalar = str | int | float | bool | None

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BASES = ((re.compile(r"[-+]?[0-9]+"), 10), (re.compile(r"0o[0-7]+"), 8), (re.compile(r"0x[0-9a-fA-F]+"), 16))
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# Python reads no longer ones unless told to.
_MOST_DIGITS = 1000
Value = Scalar | list["Value"] | dict[str, "Value"]
Entry = tuple[Node, Node]
"""Key and value of a mapping."""
PLAIN = "plain"
"""Tag of a scalar without quotes."""
MOST_VALUES = 100_000
"""More than any contract has: a few aliases of aliases make millions."""
DEEPEST = 100
_MERGE = "<<"


class NoNumber(ValueError):
    """A number that JSON cannot hold."""


def plain_value(text: str) -> Scalar:
    """Return the value of a scalar that stands without quotes.

    Raises:
        NoNumber: it is infinite, not a number or has too many digits.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NOT_FINITE.fullmatch(text):
        raise NoNumber(text)
    for form, base in _BASES:
        if form.fullmatch(text):
            return _integer(text, base)
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    if not math.isfinite(number):
        raise NoNumber(text)
    return number


def _integer(text: str, base: int) -> int:
    if len(text) > _MOST_DIGITS:
        raise NoNumber(text)
    return int(text, base)


def whole_text(text: str) -> str:
    r"""Join surrogate pairs, which JSON writes as two escapes (``\ud83d\ude00``), into the characters they mean.

    Raises:
        UnicodeDecodeError: half of a pair stands alone.
    """
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


class Converter:
    """Converts one graph and collects lines and problems on the way.

    Attributes:
        keys: line of each key.
        values: line of each value.
        problems: everything that JSON cannot hold or that is ambiguous.
    """

    def __init__(self) -> None:
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._open: list[int] = []
        self._entries: dict[int, dict[str, Entry]] = {}
        self._made = 0

    def convert(self, node: Node, path: Path = ()) -> Value:
        """Return the value of a node; None where there is a problem."""
        if self._refused(node):
            return None
        self.values[path] = node.start_mark.line + 1
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        self._open.append(id(node))
        try:
            if isinstance(node, SequenceNode):
                return [self.convert(one, (*path, index)) for index, one in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.pop()

    def _refused(self, node: Node) -> bool:
        if self._made > MOST_VALUES:
            return True
        self._made += 1
        if self._made > MOST_VALUES:
            wrong = f"aliases make more than {MOST_VALUES:,} values of this document"
            self._tell(node, wrong, "write less with aliases; a schema can be referred to")
        elif id(node) in self._open:
            self._tell(node, "an anchor holds an alias of itself", "take the alias out; a schema can refer to itself")
        elif len(self._open) >= DEEPEST:
            self._tell(node, f"the document is nested deeper than {DEEPEST} levels", "flatten it")
        else:
            return False
        return True

    def _scalar(self, node: ScalarNode) -> Scalar:
        try:
            return plain_value(node.value) if node.tag == PLAIN else whole_text(node.value)
        except NoNumber:
            self._tell(node, f"JSON has no number {node.value[:20]}", "write a finite number, or text in quotes")
        except UnicodeDecodeError:
            self._tell(node, "there is half a surrogate pair in a text", "write the character itself")
        return None

    def _mapping(self, node: Node, path: Path) -> dict[str, Value]:
        made: dict[str, Value] = {}
        for name, (key, value) in self._entries_of(node).items():
            self.keys[(*path, name)] = key.start_mark.line + 1
            made[name] = self.convert(value, (*path, name))
        return made

    def _entries_of(self, node: Node) -> dict[str, Entry]:
        """Return a mapping's entries, its own and those merged: its own count first, then the first source's."""
        if id(node) not in self._entries:
            self._entries[id(node)] = {}  # of a merge with itself, which is told where it is converted
            found = self._own(node)
            merge = found.pop(_MERGE, None)
            if merge and merge[0].tag != PLAIN:
                found[_MERGE], merge = merge, None
            for source in self._sources(merge[1]) if merge else ():
                found = {**self._entries_of(source), **found}
            self._entries[id(node)] = found
        return self._entries[id(node)]

    def _own(self, node: Node) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for key, value in node.value:
            name = self._key(key)
            if name in found:
                first = found[name][0].start_mark.line + 1
                self._tell(key, f'the key "{name}" stands twice, first in line {first}', "keep one of the two")
            elif name is not None:
                found[name] = key, value
        return found

    def _key(self, key: Node) -> str | None:
        """Return a key's text as it is written: 200 is no number here."""
        if not isinstance(key, ScalarNode):
            self._tell(key, "a key is no text", "write a word before the colon")
            return None
        try:
            return whole_text(key.value)
        except UnicodeDecodeError:
            self._tell(key, "there is half a surrogate pair in a key", "write the character itself")
            return None

    def _sources(self, merged: Node) -> Iterator[MappingNode]:
        """Yield the mappings that a merge key names."""
        for part in merged.value if isinstance(merged, SequenceNode) else [merged]:
            if id(part) in self._open:
                self._tell(part, "a mapping merges itself", "take the merge out")
            elif isinstance(part, MappingNode):
                yield part
            else:
                self._tell(part, "<< merges something that is no mapping", "merge an alias of a mapping: <<: *name")

    def _tell(self, node: Node, wrong: str, instead: str) -> None:
        self.problems.append(Problem(node.start_mark.line + 1, wrong, instead))
