"""Terraform's diagnostics as it prints them: read, and told with their lines: summary, place, source, detail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

_SHOWN = 10
_LAST_CHARACTERS = 400
_BOX = re.compile(r"^[╷│] ?")
_HEAD = re.compile(r"(Error|Warning): (.*)")
_PLACE = re.compile(r"^ +on (\S+) line (\d+)", re.MULTILINE)
_PREAMBLE = "The Terraform configuration must be valid before initialization"
# Terraform breaks the words of a detail at this width where there is no terminal; in a box, two columns earlier.
_WIDTHS = (77, 75)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error.

    Attributes:
        lines: resource, place, source and detail, as Terraform indents them, without blank lines; a paragraph that it
            broke is one line again.
    """

    summary: str
    lines: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """File and line; empty when Terraform names none."""
        found = _PLACE.search("\n".join(self.lines))
        return f"{found[1]} line {found[2]}" if found else ""


def read_diagnostics(text: str) -> tuple[Diagnostic, ...]:
    """Read the errors in what a Terraform command printed, boxed or plain; warnings and other output are left out.

    So is the error by which ``init`` only announces those that follow.
    """
    found = tuple(
        Diagnostic(summary, tuple(line for line in _unbroken(lines, _WIDTHS[boxed]) if line.strip()))
        for kind, summary, lines, boxed in _blocks(text)
        if kind == "Error"
    )
    own = tuple(one for one in found if not any(line.startswith(_PREAMBLE) for line in one.lines))
    return own or found


def tell(tried: str, text: str, named: Callable[[str], str] = str) -> str:
    """Say what Terraform printed: one error behind ``tried`` and its lines below; of several, each below the other.

    Args:
        named: names the files in a line in another way.
    """
    found = read_diagnostics(text)
    if not found:
        return f"{tried}: {' '.join(text.split())[-_LAST_CHARACTERS:] or 'it printed nothing'}"
    if len(found) == 1:
        return "\n".join([f"{tried}: {found[0].summary}", *map(named, found[0].lines)])
    lines = [f"{tried}: {len(found)} errors"]
    for one in found[:_SHOWN]:
        lines += [one.summary, *(f"  {named(line)}" for line in one.lines)]
    return "\n".join([*lines, *([f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else [])])


def _blocks(text: str) -> Iterator[tuple[str, str, list[str], bool]]:
    """Split into kind, summary and lines of each diagnostic; and if it stands in a box."""
    current: tuple[str, str, list[str], bool] | None = None
    for raw in text.splitlines():
        line, boxed = _BOX.sub("", raw).rstrip(), bool(_BOX.match(raw))
        head = _HEAD.fullmatch(line)
        if current and (head or raw.startswith("╵")):
            yield current
            current = None
        if head:
            current = (head[1], head[2], [], boxed)
        elif current:
            current[2].append(line)
    if current:
        yield current


def _unbroken(lines: Iterable[str], width: int) -> Iterator[str]:
    """Join what was broken because the next word had no room; other breaks are the author's."""
    kept, last = "", ""
    for line in lines:
        if last and line[:1].strip() and last[:1].strip() and len(last) + 1 + len(line.split(" ", 1)[0]) > width:
            kept += f" {line}"
        else:
            yield kept
            kept = line
        last = line
    yield kept
