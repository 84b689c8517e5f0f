"""Find and change entries of the maps in a ``locals.tf``, line by line; ``terraform fmt`` has laid it out."""

import re
from dataclasses import dataclass

from harness.scaffold.tree_edits import Lines, ScaffoldError

_CODE = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^"#])*')
"""A line without the comment behind it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a map: ``name = { … }``, with the comments right above it.

    Attributes:
        head: its first line, counted from 0.
        end: line behind its last.
        text: its lines.
    """

    name: str
    head: int
    end: int
    text: str

    def value(self, attribute: str) -> str:
        """Return an attribute's value as it is written; empty where it is left out."""
        found = self.find(attribute)
        return found[1][1] if found else ""

    def find(self, attribute: str) -> tuple[int, re.Match[str]] | None:
        """Return an attribute's line, counted from 0, and the match whose first group is its value."""
        pattern = re.compile(rf"(?:^|[{{,])\s*{attribute}\s*=\s*([^,}}]*[^\s,}}])")
        for at, line in enumerate(self.text.split("\n"), self.head):
            code = _CODE.match(line)
            if code and (found := pattern.search(code[0])):
                return at, found
        return None


class HclText(Lines):
    """Lines of a ``locals.tf``."""

    def entries(self, map_name: str) -> tuple[Entry, ...]:
        """List the entries of a map; none where it is empty.

        Raises:
            ScaffoldError: there is no such map, or its entries do not stand on lines of their own.
        """
        start, end = self._span(map_name)
        found, head, at = [], start + 1, start + 1
        while at < end:
            if match := re.fullmatch(r'    "?([\w-]+)"?\s*= \{(.*)', self.lines[at]):
                last = at if match[2].strip() else self._closing(at, "    }")
                found.append(Entry(match[1], head, last + 1, "\n".join(self.lines[head : last + 1])))
                at = head = last + 1
            elif re.fullmatch(r"\s*(#.*)?", self.lines[at]):
                at += 1
                head = at if not self.lines[at - 1].strip() else head
            else:
                raise self._refusal(at, f"an entry of {map_name} was expected here")
        return tuple(found)

    def add(self, map_name: str, name: str, attributes: dict[str, str]) -> "HclText":
        """Return the text with an entry more, at the end of a map."""
        if any(entry.name == name for entry in self.entries(map_name)):
            raise ScaffoldError(f"{self.place} has {name} in {map_name} already", "take it out, or choose another name")
        start, end = self._span(map_name)
        width = max(map(len, attributes))
        lines = [f"    {name} = {{", *(f"      {key:<{width}} = {value}" for key, value in attributes.items()), "    }"]
        if start == end:
            opened = self.lines[start].rstrip().removesuffix("}")
            return self.replace(start, start + 1, [opened, *lines, "  }"])
        return self.replace(end, end, lines)

    def cut(self, map_name: str, name: str) -> "HclText":
        """Return the text without an entry of a map; the text itself where it has none."""
        entry = next((one for one in self.entries(map_name) if one.name == name), None)
        if entry is None:
            return self
        left = self.replace(entry.head, entry.end)
        start, end = left._span(map_name)
        if any(line.strip() for line in left.lines[start + 1 : end]):
            return left
        return left.replace(start, end + 1, [f"{left.lines[start]}}}"])

    def put(self, map_name: str, name: str, attribute: str, value: str) -> "HclText":
        """Return the text with another value of an entry's attribute, which it has."""
        entry = next(one for one in self.entries(map_name) if one.name == name)
        found = entry.find(attribute)
        if found is None:
            return self
        at, match = found
        line = self.lines[at]
        return self.replace(at, at + 1, [line[: match.start(1)] + value + line[match.end(1) :]])

    def numbers(self, map_name: str, attribute: str) -> dict[str, float]:
        """Return a number that entries of a map have, by the entry's name; those without it are left out.

        Raises:
            ScaffoldError: one is written otherwise.
        """
        numbers = {}
        for entry in self.entries(map_name):
            if found := entry.find(attribute):
                if not re.fullmatch(r"\d+(\.\d+)?", found[1][1]):
                    said = f"{self.place}:{found[0] + 1}: {attribute} is no number"
                    raise ScaffoldError(said, "write a number, or change the values by hand")
                numbers[entry.name] = float(found[1][1])
        return numbers

    def has(self, map_name: str) -> bool:
        """Tell if there is a map of a name."""
        return any(re.match(rf"  {map_name}\s*=", line) for line in self.lines)

    def _span(self, map_name: str) -> tuple[int, int]:
        """Return the lines of a map's opening and closing; the same where it is empty."""
        start = next((at for at, line in enumerate(self.lines) if re.match(rf"  {map_name}\s*=", line)), None)
        if start is None:
            raise ScaffoldError(f"{self.place} has no {map_name}", f"write {map_name} = {{}} in locals, and try again")
        if re.fullmatch(rf"  {map_name}\s*= \{{\}}", self.lines[start]):
            return start, start
        if not re.fullmatch(rf"  {map_name}\s*= \{{\s*(#.*)?", self.lines[start]):
            raise self._refusal(start, f"{map_name} does not hold its entries on lines of their own")
        return start, self._closing(start, "  }")

    def _closing(self, start: int, mark: str) -> int:
        for at in range(start + 1, len(self.lines)):
            if self.lines[at].rstrip() == mark:
                return at
        raise self._refusal(start, "this is closed nowhere")

    def _refusal(self, at: int, said: str) -> ScaffoldError:
        return ScaffoldError(f"{self.place}:{at + 1}: {said}", "lay it out as terraform fmt does, an entry a line")
