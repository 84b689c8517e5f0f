"""YAML 1.2 text into values as JSON knows them, with the line of every key and value.

PyYAML scans and composes; its own values are not used, because they are YAML 1.1's: ``on`` a boolean, ``010`` eight,
``2020-01-31`` a date, ``200`` as a key a number.
"""

import re

from yaml import MarkedYAMLError
from yaml.composer import Composer
from yaml.error import Mark
from yaml.nodes import Node, ScalarNode
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from harness.contract.located import Lines, Loaded, Problem, one_line
from harness.contract.values_of_nodes import PLAIN, Converter

# PyYAML ends a line at each of these, as YAML 1.1 does; editors and YAML 1.2 do not at the rarer ones.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_RARE = ("\x85", "\u2028", "\u2029")
_UNQUOTED = "write the value without it, in quotes if it is text"


class _Composer(Reader, Scanner, Parser, Composer):
    """PyYAML's composer, which marks scalars as plain or not instead of guessing their type, and collects tags."""

    def __init__(self, text: str) -> None:
        self._shown = [0]
        for one in _BREAK.findall(text):
            self._shown.append(self._shown[-1] + (one not in _RARE))
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        self.tags: list[Problem] = []

    def get_mark(self) -> Mark:
        """Mark the place that is read now, in lines as editors count them."""
        mark = super().get_mark()
        mark.line = self._shown[mark.line]
        return mark

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Leave out PyYAML's resolver."""

    def ascend_resolver(self) -> None:
        """Leave out PyYAML's resolver."""

    def resolve(self, kind: type[Node], _value: object, implicit: tuple[bool, bool]) -> str:
        """Mark a node."""
        return PLAIN if kind is ScalarNode and implicit[0] else ""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """Compose a node, and note it when it has an explicit tag."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if tag := getattr(event, "tag", None):
            self.tags.append(Problem(event.start_mark.line + 1, f"there is a tag, {tag}", _UNQUOTED))
        return super().compose_node(parent, index)


def load(text: str) -> Loaded:
    """Read the text of a document; problems instead of exceptions."""
    try:
        composer = _Composer(text)
        root = composer.get_single_node()
    except MarkedYAMLError as error:
        return _unreadable(_syntax(error))
    except ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        return _unreadable(
            Problem(line, "there is a character that YAML does not allow", "write it as \\u escape in quotes")
        )
    except RecursionError:
        return _unreadable(Problem(1, "the document is nested too deeply to be read", "flatten it"))
    if root is None or (root.tag == PLAIN and root.value == ""):
        return _unreadable(Problem(1, "the document is empty", "begin with a key and its value"))
    converter = Converter()
    document = converter.convert(root)
    problems = [*composer.tags, *converter.problems]
    if not problems and not isinstance(document, dict):
        problems = [
            Problem(root.start_mark.line + 1, "the top of the document is no mapping", "begin with a key and its value")
        ]
    lines = Lines(converter.keys, converter.values)
    if problems or not isinstance(document, dict):
        return Loaded({}, lines, tuple(sorted(set(problems))))
    return Loaded(document, lines)


def _unreadable(problem: Problem) -> Loaded:
    return Loaded({}, Lines(), (problem,))


def _syntax(error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    said = " ".join(part for part in (error.context, error.problem) if part)
    for sign, wrong, instead in (
        ("'\\t'", "there is a tab where YAML allows only spaces", "indent with spaces"),
        ("another document", "there is a second document", "keep one document in the file and take --- out"),
        ("duplicate anchor", one_line(said), "give every anchor a name of its own"),
        ("undefined alias", one_line(said), "put the anchor (&name) before the alias"),
    ):
        if sign in said:
            return Problem(line, wrong, instead)
    return Problem(
        line, f"this is no YAML: {one_line(said)}", "correct indentation, brackets or quotes here or just above"
    )
