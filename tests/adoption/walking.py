"""Follow docs/adopt.md in a copy of the tree, once for all tests."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.clone import Clone
from tests.support.pages import Followed, PageError, Section, follow, read_page

from harness.base.paths import REPO

PAGE = REPO / "docs" / "adopt.md"
SECTIONS = tuple(read_page(PAGE.read_text()))
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

    def go(self, section: Section) -> None:
        """Follow a section, unless one before it could not be followed."""
        if self.failure is None:
            try:
                self.followed[section.title] = follow(section, self.clone.root, commands_environment(self.clone))
            except PageError as error:
                self.failure = (section.title, error)

    def changed(self) -> frozenset[str]:
        """Name every file that the page came to change."""
        return frozenset(name for one in self.followed.values() for name in one.changed)


def commands_environment(clone: Clone) -> dict[str, str]:
    """Return what a person's shell has: nothing of the harness, and the Python that runs the tests."""
    environment = clone.environment(PYTHON=sys.executable)
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
    git(folder, "commit", "--quiet", "--message", message)
