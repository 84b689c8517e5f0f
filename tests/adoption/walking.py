"""Follow docs/adopt.md in a copy of the tree, as far as a test needs it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.clone import Clone
from tests.support.pages import Followed, PageError, follow, read_page

from harness.base.paths import REPO

PAGE = REPO / "docs" / "adopt.md"
SECTIONS = {section.title: section for section in read_page(PAGE.read_text())}
*BEFORE, LAST = SECTIONS
"""Titles; the last section stops what the others deployed."""
_AUTHOR = ("-c", "user.name=A team", "-c", "user.email=team@example.com", "-c", "commit.gpgsign=false")


@dataclass
class Walk:
    """The page, followed from top to bottom until something did not fit.

    Attributes:
        clone: the product.
        followed: by the section's title.
        failure: what did not fit, and in which section.
    """

    clone: Clone
    followed: dict[str, Followed] = field(default_factory=dict)
    failure: tuple[str, PageError] | None = None

    def reach(self, last: str) -> None:
        """Follow the page to the end of a section, each section once.

        Raises:
            PageError: that section cannot be followed, or one before it could not.
        """
        for title in (*SECTIONS,):
            if self.failure is None and title not in self.followed:
                self._follow(title)
            if title == last:
                break
        if self.failure is not None and last not in self.followed:
            raise self.failure[1]

    def _follow(self, title: str) -> None:
        try:
            self.followed[title] = follow(SECTIONS[title], self.clone.root, shell_environment(self.clone))
        except PageError as error:
            self.failure = (title, error)
            return
        commit(self.clone.root, title)

    def figures(self) -> Iterator[str]:
        """Say of each section how many files it changed and how long it took."""
        for one in self.followed.values():
            yield f"docs/adopt.md: {one.title}: {len(one.changed)} files, {one.seconds:.1f} s"


def shell_environment(clone: Clone) -> dict[str, str]:
    """Return what a person's shell has: nothing of the harness but what it reads from the folder."""
    environment = clone.environment()
    del environment["PYTHONPATH"]
    return environment


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, as somebody."""
    done = subprocess.run(["git", *_AUTHOR, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def commit(folder: Path, message: str) -> None:
    """Commit all of a folder, which becomes a repository where it is none."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
