"""Without a Python that is new enough, each way in says so in one line; and a verb ends when it is told to."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.clone import Clone, clone_tree

from harness.base.paths import REPO

FAKE = """\
#!{python}
import runpy, sys
sys.version_info = (3, 9, 18, "final", 0)
if sys.argv[1:2] == ["-m"]:
    raise SystemExit("it went on with an old Python")
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
OLD = "error: this is Python 3.9 -> install Python 3.11 or newer and run this file with it, or say make VERB PYTHON="
NONE = "error: there is no python3 -> install Python 3.11 or newer"
DOORS = {"make": ["make", "help"], "program": ["scripts/blueprint", "help"], "ci": [".ci/blueprint"]}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in which nothing is set up, and a folder beside it with what a shell needs, Python apart."""
    root = clone_tree(tmp_path / "tree").root
    shutil.rmtree(root / "build")
    (tmp_path / "bin").mkdir()
    for name in ("bash", "dirname", "env", "grep", "make", "mktemp", "rm", "sed", "sh"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    return root


def enter(tree: Path, door: str, python: str = "") -> subprocess.CompletedProcess[str]:
    """Go in by a door, with this text as the only ``python3``."""
    programs = tree.parent / "bin"
    if python:
        (programs / "python3").write_text(python)
        (programs / "python3").chmod(0o755)
    env = {"PATH": str(programs), "HOME": str(tree.parent)}
    words = [str(programs / "make"), *DOORS[door][1:]] if door == "make" else DOORS[door]
    return subprocess.run(words, cwd=tree, env=env, capture_output=True, text=True, check=False)


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    """List what was complained of, but for make's word that its target failed."""
    return [line for line in done.stderr.splitlines() if not line.startswith("make: *** [")]


@pytest.mark.parametrize("door", DOORS)
def test_an_old_python_is_refused_in_one_line(tree: Path, door: str) -> None:
    done = enter(tree, door, FAKE.format(python=sys.executable))
    (said,) = complaints(done)
    assert said.startswith(OLD)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(("door", "code"), [("make", 2), ("program", 127), ("ci", 2)])
def test_no_python_is_said_in_one_line(tree: Path, door: str, code: int) -> None:
    """The program's own first line names env, which is who says it there."""
    done = enter(tree, door)
    (said,) = complaints(done)
    assert NONE in said if door != "program" else "env: " in said and "python3" in said
    assert (done.returncode, done.stdout) == (code, "")


@pytest.mark.parametrize("flags", ["i", "-i", "t", "ki"])
def test_make_refuses_to_hide_how_a_verb_ends(flags: str) -> None:
    env = {"PATH": "/usr/bin:/bin", "MAKEFLAGS": flags, "PYTHON": sys.executable}
    done = subprocess.run(["make", "pln"], cwd=REPO, env=env, capture_output=True, text=True, check=False)
    (said,) = done.stderr.splitlines()
    assert "error: make is told to ignore errors or to touch files (MAKEFLAGS) -> leave -i and -t out" in said
    assert done.returncode == 2


@pytest.mark.parametrize("word", ["lambda", "tests", "Makefile.old", "FORCES"])
def test_a_folder_of_that_name_does_not_make_a_verb_of_it(word: str) -> None:
    env = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable}
    done = subprocess.run(["make", word], cwd=REPO, env=env, capture_output=True, text=True, check=False)
    assert f"error: {word} is not a verb" in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_verb_ends_when_it_is_told_to_though_its_shell_ignores_the_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    clone: Clone = clone_tree(tmp_path / "tree")
    verb = clone.root / "scripts" / "harness" / "verbs" / "help.py"
    held = '    print("here", flush=True)\n    __import__("time").sleep(600)\n    if options.arguments == VERSION:'
    verb.write_text(verb.read_text().replace("    if options.arguments == VERSION:", held, 1))
    run = subprocess.Popen(
        [sys.executable, str(clone.root / "scripts" / "blueprint"), "help"],
        env=clone.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_IGN),  # noqa: PLW1509 - no other thread
    )  # fmt: skip
    assert run.stdout and run.stdout.readline() == "here\n"
    run.send_signal(number)
    _, said = run.communicate(timeout=120)
    if number == signal.SIGINT:
        assert (run.returncode, said) == (130, "error: interrupted -> run the same command again\n")
    else:
        assert run.returncode == -number
