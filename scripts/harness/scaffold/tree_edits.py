"""Edits of a tree: computed as texts by the other modules, written here, and told in a few lines."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from harness.base.errors import HarnessError
from harness.base.paths import write_atomically
from harness.base.texts import text_of

_MADE_ANEW = {"__pycache__", ".terraform"}
"""Ignored folders that programs fill again."""


class ScaffoldError(HarnessError):
    """A file cannot be edited as it is, or what was asked for is there already."""


@dataclass(frozen=True, slots=True)
class Edits:
    """All that a verb is about to change; paths are relative to the tree.

    Attributes:
        texts: files to write, with their whole new text.
        links: symbolic links to make, with what each leads to.
        gone: files and folders to delete.
        decide: sentences on what is left to decide or to do.
    """

    texts: Mapping[Path, str] = field(default_factory=dict)
    links: Mapping[Path, str] = field(default_factory=dict)
    gone: tuple[Path, ...] = ()
    decide: tuple[str, ...] = ()


class Lines:
    """Lines of a file that is edited.

    Args:
        place: the file, as messages show it.
    """

    def __init__(self, place: Path, text: str) -> None:
        self.place = place
        self.lines = text.splitlines()

    @property
    def text(self) -> str:
        """The whole text, with a line's end at its end."""
        return "\n".join(self.lines) + "\n"

    def replace(self, start: int, end: int, lines: Sequence[str] = ()) -> Self:
        """Return the text with other lines in the place of some; with none of them replaced, put before ``start``."""
        return type(self)(self.place, "\n".join([*self.lines[:start], *lines, *self.lines[end:]]))


def read_text(tree: Path, place: Path) -> str:
    """Read a file that is to be edited.

    Raises:
        ScaffoldError: it is missing or no UTF-8.
    """
    return text_of(tree / place, str(place), ScaffoldError)


def refuse_existing(tree: Path, *places: Path) -> None:
    """Refuse to write where something is.

    Raises:
        ScaffoldError: one of the places exists.
    """
    for place in places:
        if (tree / place).exists() or (tree / place).is_symlink():
            raise ScaffoldError(f"{place} exists", "choose another name, or delete it first")


def refuse_unsaved(tree: Path, places: Sequence[Path]) -> None:
    """Refuse to delete what git could not bring back: files that changed or are ignored, beside files that it knows.

    Raises:
        ScaffoldError: there are such files below one of the places.
    """
    known = [str(place) for place in places if _git(tree, "ls-files", "--", str(place))]
    changed = _git(tree, "status", "--porcelain", "--ignored", "--", *known).splitlines() if known else []
    if lost := [line[3:] for line in changed if _is_lost(line)]:
        raise ScaffoldError(f"git could not bring back {', '.join(lost)}", "commit that, or delete it yourself")


def _is_lost(line: str) -> bool:
    """Tell if a line of git's status names what only the working copy has; a file that is deleted there is none."""
    ignored = line.startswith("!! ")
    return not (line[1] == "D" or line.startswith("D ") or (ignored and _MADE_ANEW & {*Path(line[3:]).parts}))


def _refuse_unwritable(tree: Path, edits: Edits) -> None:
    blocked = next(_blocked(tree, edits), None)
    if blocked is not None:
        said = f"{blocked.relative_to(tree)} cannot be written; nothing was changed"
        raise ScaffoldError(said, "make it writable, or put a folder there where that is a file, and try again")


def _blocked(tree: Path, edits: Edits) -> Iterator[Path]:
    """List folders and files that stand in the way of the edits."""
    for place in (tree / one for one in (*edits.texts, *edits.links)):
        folder = next(one for one in place.parents if one.exists())
        if not _is_open(folder):
            yield folder
        elif place.is_dir() or (place.exists() and not os.access(place, os.W_OK)):
            yield place
    for place in (tree / one for one in edits.gone):
        below = [one for one in (place, *place.rglob("*")) if one.is_dir() and not one.is_symlink()]
        yield from (one for one in (place.parent, *below) if not _is_open(one))


def _is_open(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _git(tree: Path, *words: str) -> str:
    """Return what git prints; nothing where there is no git, or the tree is none of its own."""
    if shutil.which("git") is None:
        return ""
    return subprocess.run(["git", "-C", str(tree), *words], capture_output=True, text=True, check=False).stdout


def write(tree: Path, edits: Edits) -> tuple[str, ...]:
    """Write the edits; return a line for each file: ``new``, ``changed`` or ``deleted``, and its path.

    Raises:
        ScaffoldError: git could not bring back what is deleted, or a place cannot be written; nothing is written.
    """
    _refuse_unwritable(tree, edits)
    refuse_unsaved(tree, edits.gone)
    told = tuple(_told(tree, edits))
    for place, text in edits.texts.items():
        write_atomically(tree / place, text.encode())
    for place, target in edits.links.items():
        (tree / place).parent.mkdir(parents=True, exist_ok=True)
        (tree / place).symlink_to(target)
    for place in edits.gone:
        if (tree / place).is_dir() and not (tree / place).is_symlink():
            shutil.rmtree(tree / place)
        else:
            (tree / place).unlink()
    return told


def _told(tree: Path, edits: Edits) -> Iterator[str]:
    for place in sorted((*edits.texts, *edits.links)):
        yield f"{'changed' if (tree / place).exists() else 'new':<7}  {place}"
    for place in edits.gone:
        yield f"deleted  {place}{'/' if (tree / place).is_dir() else ''}"


def tell(tree: Path, edits: Edits) -> int:
    """Write the edits, print what was written and what is left; return exit code 0."""
    for line in write(tree, edits):
        print(line)
    if edits.decide:
        print("left to decide:")
    for sentence in edits.decide:
        print(f"  - {sentence}")
    return 0
