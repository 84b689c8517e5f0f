"""Pages whose fenced blocks are run: commands, changes of files and whole files, each named by its line in a failure.

A fence's first word is its language, what follows says what becomes of the block:

- ``sh [exit=N]``: commands, run one after the other; the last one ends with N, by default 0;
- ``text output``: lines that the commands before printed, in this order; others may stand between;
- ``text aws|elsewhere``: what only a real account, or another place than the page's folder can run; shown and not run;
- ``diff PATH``: a change. Its lines begin with a space (stays), ``-`` (goes) or ``+`` (comes); what was there occurs
  exactly once in the file. A line ``@@`` begins another change of the same file;
- ``yaml|python|hcl PATH``: a file that was not there.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FILES = ("hcl", "python", "yaml")
_FENCE = re.compile(r"^```(.*)$")
_EXIT = re.compile(r"exit=(\d+)")
_ANY = "..."


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:
        line: of its first fence, from 1.
        language: first word of the fence.
        rest: what follows it.
    """

    line: int
    language: str
    rest: str
    text: str


@dataclass(frozen=True)
class Section:
    """A heading and the blocks below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Followed:
    """A section that was followed.

    Attributes:
        changed: files that came, went or changed, relative to the folder.
        printed: output of its commands, both streams.
    """

    title: str
    changed: frozenset[str]
    printed: str
    seconds: float


class PageError(AssertionError):
    """A page that cannot be followed, or does not keep what it promises; begins with the line of the block."""

    def __init__(self, block: Block, wrong: str) -> None:
        super().__init__(f"line {block.line}: {wrong}")


def read_page(page: str) -> list[Section]:
    """Take a page apart into its sections of the second level, in order.

    Raises:
        PageError: a fence is not closed, or nothing says what becomes of its block.
    """
    sections: list[tuple[str, list[Block]]] = [("", [])]
    lines = iter(enumerate(page.splitlines(), 1))
    for number, line in lines:
        if fence := _FENCE.match(line):
            block = _read_block(number, fence[1], lines)
            _check(block)
            sections[-1][1].append(block)
        elif line.startswith("## "):
            sections.append((line.removeprefix("## "), []))
    return [Section(title, tuple(blocks)) for title, blocks in sections if blocks]


def _read_block(number: int, info: str, lines: Iterator[tuple[int, str]]) -> Block:
    language, _, rest = info.partition(" ")
    text: list[str] = []
    for _, line in lines:
        if line == "```":
            return Block(number, language, rest.strip(), "".join(f"{one}\n" for one in text))
        text.append(line)
    raise PageError(Block(number, language, rest, ""), "this block does not end: close it with ```")


def _check(block: Block) -> None:
    kind, rest = block.language, block.rest
    known = {
        "sh": not rest or _EXIT.fullmatch(rest) is not None,
        "text": rest in ("output", "aws", "elsewhere"),
        **dict.fromkeys(("diff", *FILES), bool(rest) and not rest.startswith(("/", "~")) and ".." not in rest),
    }
    if not known.get(kind, False):
        raise PageError(block, f"nothing says what becomes of a block ```{kind} {rest}`: see tests/support/pages.py")


def edited(text: str, change: str) -> str:
    """Return a text after a change.

    Raises:
        ValueError: a line begins with none of the three signs, what was there is not there once, or nothing changes.
    """
    for part in re.split(r"^@@.*\n", change, flags=re.MULTILINE):
        lines = part.splitlines()
        if strange := [line for line in lines if line and line[0] not in " +-"]:
            raise ValueError(f"a line of a change begins with a space, - or +: {strange[0]!r}")
        # An editor may have cut the space of an empty line.
        before, after = ("".join(f"{line[1:]}\n" for line in lines if not line.startswith(sign)) for sign in ("+", "-"))
        if before == after:
            raise ValueError("the change changes nothing")
        found = [*re.finditer(f"^{re.escape(before)}", text, re.MULTILINE)] if before else []
        if len(found) != 1:
            raise ValueError(f"what the change is about stands there {len(found)} times, not once:\n{before}")
        text = text[: found[0].start()] + after + text[found[0].end() :]
    return text


def unprinted(wanted: str, printed: str) -> str | None:
    """Return the first line of a wanted output that was not printed in its order; None when all were.

    Spaces at the ends of lines do not count; a line counts where it is part of one that was printed.
    """
    rest = iter(printed.splitlines())
    for line in wanted.splitlines():
        if line.strip() and line.strip() != _ANY and not any(line.strip() in one for one in rest):
            return line
    return None


def follow(section: Section, folder: Path, environment: Mapping[str, str]) -> Followed:
    """Do in ``folder`` what a section says.

    Args:
        environment: variables that commands get, all of them.

    Raises:
        PageError: a command ends with another code, an output is not printed, a change does not fit.
    """
    began, before, printed, last = time.monotonic(), snapshot(folder), "", ""
    for block in section.blocks:
        if block.language == "sh":
            last = _run(block, folder, environment)
            printed += last
        elif block.language == "text":
            missing = unprinted(block.text, last) if block.rest == "output" else None
            if missing is not None:
                raise PageError(block, f"the command before did not print {missing!r}, but\n{last}")
        else:
            _write(block, folder)
    after = snapshot(folder)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return Followed(section.title, frozenset(changed), printed, time.monotonic() - began)


def _run(block: Block, folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-e", "-c", block.text],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    wanted = int(block.rest.removeprefix("exit=") or 0)
    if done.returncode != wanted:
        raise PageError(block, f"{block.text.strip()} ended with {done.returncode}, not {wanted}\n{done.stdout}")
    return done.stdout


def _write(block: Block, folder: Path) -> None:
    file = folder / block.rest
    if block.language != "diff":
        if file.exists():
            raise PageError(block, f"{block.rest} is there already: show a change of it (```diff {block.rest})")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)
        return
    if not file.is_file():
        raise PageError(block, f"{block.rest} is not there")
    try:
        file.write_text(edited(file.read_text(), block.text))
    except ValueError as error:
        raise PageError(block, f"{block.rest}: {error}") from error


def snapshot(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder but git's own and what is made (``build``), links as what they lead to."""
    return {
        str(file.relative_to(folder)): str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
        for top in folder.iterdir()
        if top.name not in (".git", "build")
        for file in ([top] if top.is_file() else top.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
