"""Find and change keys of a YAML text in block style, line by line, so that comments and order stay.

Read is as much of YAML as an edit needs: mappings with a key on a line of its own. A line that is none of that where
a key must stand is refused with its number; nothing is guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.scaffold.tree_edits import Lines, ScaffoldError

_NAME = r""""(?P<double>[^"\\]*)"|'(?P<single>[^']*)'|(?P<plain>[^\s#"'&*!|>{}\[\]%@`,?-].*?)"""
_KEY = re.compile(rf" *(?:{_NAME}) *:(?:\s+(?P<rest>.*))?")
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a mapping, with the lines that belong to it.

    Attributes:
        head: first line, with the comments right above it.
        start: line of the key itself, counted from 0.
        end: line behind its last.
        indent: spaces before the key.
        value: what stands behind the colon, without a comment.
    """

    name: str
    head: int
    start: int
    end: int
    indent: int
    value: str


def scalar(text: str) -> str:
    """Write a name so that every reader of YAML takes it for text."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML else f'"{text}"'


class YamlText(Lines):
    """Lines of a YAML file."""

    def held(self, inside: Key | None = None) -> tuple[Key, ...]:
        """List the keys of the document, or those directly inside a key; none where that holds nothing.

        Raises:
            ScaffoldError: they do not stand on lines of their own.
        """
        if inside is not None and inside.value not in ("", "{}"):
            raise self.refusal(inside.start, f"{inside.name} does not hold its keys on lines of their own")
        first, last = (0, len(self.lines)) if inside is None else (inside.start + 1, inside.end)
        content = [at for at in range(first, last) if self._is_content(at)]
        if not content:
            return ()
        indent = self.indent(content[0])
        starts = [at for at in content if self.indent(at) <= indent and not self._is_item(at)]
        return tuple(self._key(at, after, indent, first) for at, after in zip(starts, [*starts[1:], last], strict=True))

    def find(self, *path: str) -> Key | None:
        """Return the key at a path; ``None``: there is none."""
        found: Key | None = None
        for name in path:
            found = next((key for key in self.held(found) if key.name == name), None)
            if found is None:
                return None
        return found

    def need(self, *path: str) -> Key:
        """Return the key at a path.

        Raises:
            ScaffoldError: there is none.
        """
        found = self.find(*path)
        if found is None:
            raise ScaffoldError(f"{self.place} has no {'.'.join(path)}", "write it, or restore the file")
        return found

    def cut(self, key: Key) -> "YamlText":
        """Return the text without a key, its lines and the comments right above it."""
        return self.replace(key.head, key.end)

    def put(self, key: Key, value: str) -> "YamlText":
        """Return the text with another value on a key's line; the comment behind it stays where it is."""
        line = self.lines[key.start]
        match = _KEY.fullmatch(line)
        start = match.start("rest") if match else len(line)
        head, kept = line[:start], line[start + len(key.value) :]
        # The comment's column, where there is room.
        room = len(kept) - len(kept.lstrip()) + len(key.value) - len(value)
        told = f"{' ' * max(1, room)}{kept.lstrip()}" if kept.strip() else ""
        return self.replace(key.start, key.start + 1, [f"{head}{value}{told}"])

    def refusal(self, at: int, said: str) -> ScaffoldError:
        """Say that a line is not laid out as an edit needs it."""
        return ScaffoldError(f"{self.place}:{at + 1}: {said}", "write it in block style, a key a line, and try again")

    def _key(self, at: int, after: int, indent: int, first: int) -> Key:
        match = _KEY.fullmatch(self.lines[at]) if self.indent(at) == indent else None
        if match is None:
            raise self.refusal(at, "a key was expected here")
        end = max(line for line in range(at, after) if self._belongs(line, at, indent)) + 1
        head = at
        while head > first and self.lines[head - 1].startswith(f"{' ' * indent}#"):
            head -= 1
        name = next(part for part in match.group("double", "single", "plain") if part is not None)
        return Key(name, head, at, end, indent, _bare(match["rest"] or ""))

    def _belongs(self, line: int, start: int, indent: int) -> bool:
        """Tell if a line behind a key is its own: what has content, and comments deeper than the key."""
        if line == start or self._is_content(line):
            return True
        return self.lines[line].lstrip().startswith("#") and self.indent(line) > indent

    def _is_content(self, at: int) -> bool:
        text = self.lines[at].strip()
        return bool(text) and not text.startswith("#") and text != "---"

    def _is_item(self, at: int) -> bool:
        return self.lines[at].lstrip().startswith("- ")

    def indent(self, at: int) -> int:
        """Count the spaces that a line begins with."""
        return len(self.lines[at]) - len(self.lines[at].lstrip(" "))


def _bare(value: str) -> str:
    """Return a value without the comment behind it."""
    quoted = re.match(r"""("[^"]*"|'[^']*')\s*(?:#.*)?$""", value)
    return quoted[1] if quoted else re.sub(r"(?:^|\s+)#.*$", "", value)


def names_in(text: str, field: str) -> Iterator[str]:
    """List the values that a field has anywhere in a text, in block or flow style."""
    yield from (match[2] for match in re.finditer(rf"\b{field}:\s*([\"']?)([\w.-]+)\1", text))
