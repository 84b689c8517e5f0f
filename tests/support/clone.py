"""A copy of the tree under test: what git knows and what it does not ignore, so that tests never write into it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from harness.base.options import OPTIONS
from harness.base.paths import BUILD, REPO


@dataclass(frozen=True)
class Clone:
    """A working copy with its own build folder; tools and vendored packages are shared with the original.

    Attributes:
        root: its top folder.
        settings: Makefile variables every command gets.
    """

    root: Path
    settings: dict[str, str] = field(default_factory=dict)

    def command(self, verb: str, **settings: str) -> tuple[list[str], dict[str, str]]:
        """Return the command line and environment of ``make VERB NAME=value …`` without make."""
        return [sys.executable, "-m", "harness", verb], self.environment(**settings)

    def environment(self, **settings: str) -> dict[str, str]:
        """Return a clean environment: nothing of the caller's AWS or Terraform setup, nor of an outer make."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "MFLAGS"))}
        for name in OPTIONS:
            kept.pop(name, None)
        return {**kept, "PYTHONPATH": str(self.root / "scripts"), **self.settings, **settings}

    def run(self, verb: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end."""
        command, env = self.command(verb, **settings)
        return subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)

    def start(self, verb: str, **settings: str) -> subprocess.Popen[str]:
        """Start a verb in a process group of its own."""
        command, env = self.command(verb, **settings)
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def clone_tree(destination: Path, **settings: str) -> Clone:
    """Copy the tree under test to ``destination``, sharing the tools below ``build/``."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if not (REPO / name).is_file():
            continue
        target = destination / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPO / name, target, follow_symlinks=False)
    build = destination / "build"
    (build / "cache").mkdir(parents=True)
    for venv in ("venv", "venv-checkov"):
        (build / venv).symlink_to(BUILD / venv)
    for pattern in ("vendor-*", "byte-code-*"):
        for kept in (BUILD / "cache").glob(pattern):
            (build / "cache" / kept.name).symlink_to(kept)
    return Clone(destination, settings)
