"""File and line of a Terraform address in the tree. Pure but for reading ``*.tf``."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.plan.addresses import plain_address

# ``terraform fmt`` (a lint step) puts a block's first line at the margin and its closing brace too.
_BLOCK = re.compile(r'^(resource|data|module)\s+"([^"]+)"(?:\s+"([^"]+)")?\s*\{')
_SOURCE = re.compile(r'^\s*source\s*=\s*"(\.[^"]*)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file.

    Attributes:
        file: relative to the tree, ``""`` when unknown.
        line: 1-based; 0 when unknown.
    """

    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Block:
    file: Path
    line: int
    text: str


class Locator:
    """Finder of addresses in one tree. Every file is read once."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._blocks = cache(_blocks)

    def find(self, environment: str, address: str, attribute: str = "") -> Place:
        """Find the line of ``attribute`` in the block that ``address`` names, else the block's first line.

        Args:
            address: e.g. ``module.table.aws_dynamodb_table.this``, with or without indexes.
        """
        parts = plain_address(address).split(".")
        folder = self._tree / "envs" / environment
        while parts[:1] == ["module"] and len(parts) > 2:
            call = self._blocks(folder).get(("module", parts[1], ""))
            source = _SOURCE.search(call.text) if call else None
            if call is None or source is None:
                return Place()
            folder = (folder / source[1]).resolve()
            parts = parts[2:]
        kind = "data" if parts[:1] == ["data"] else "resource"
        names = parts[1:] if kind == "data" else parts
        block = self._blocks(folder).get((kind, names[0], names[1])) if len(names) > 1 else None
        if block is None:
            return Place()
        return Place(str(block.file.relative_to(self._tree.resolve())), block.line + _offset(block.text, attribute))


def _offset(text: str, attribute: str) -> int:
    if not attribute:
        return 0
    wanted = re.compile(rf'^\s+(dynamic\s+"{re.escape(attribute)}"|{re.escape(attribute)}\b)')
    return next((number for number, line in enumerate(text.splitlines()) if wanted.match(line)), 0)


def _blocks(folder: Path) -> dict[tuple[str, str, str], _Block]:
    found: dict[tuple[str, str, str], _Block] = {}
    for file in sorted(folder.resolve().glob("*.tf")):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, start=1):
            if match := _BLOCK.match(line):
                end = next((last for last in range(number, len(lines)) if lines[last].startswith("}")), number)
                text = "\n".join(lines[number - 1 : end + 1])
                found[match[1], match[2], match[3] or ""] = _Block(file.resolve(), number, text)
    return found
