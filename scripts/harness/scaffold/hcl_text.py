"""Find and change entries of the maps in a ``locals.tf``, line by line; ``terraform fmt`` has laid it out."""

import re
from dataclasses import dataclass

from harness.scaffold.tree_edits import Lines, ScaffoldError


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
        found = re.search(rf"(?:^|[{{,])\s*{attribute}\s*=\s*([^\n,}}#]+)", self.text, re.MULTILINE)
        return found[1].strip() if found else ""


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
        changed = re.sub(rf"(\b{attribute}\s*=\s*)[^\n,}}#]*[^\s,}}#]", rf"\g<1>{value}", entry.text, count=1)
        return self.replace(entry.head, entry.end, changed.split("\n"))

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
