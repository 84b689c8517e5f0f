"""Threads that meet a type at the same time: msgspec alone crashes, and every use of it in the harness does not."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base.paths import REPO

SCRIPTS = REPO / "scripts"
# While one thread learns Outer, and in it Inner, whose annotation it has to resolve, the other converts to Outer.
RACE = """
import sys, threading
import msgspec

GIVEN = {"number": 1, "inner": {"number": 2}}


def other():
    if sys.argv[1] == "alone":
        msgspec.convert(GIVEN, Outer)
    else:
        assert msgspec.convert(GIVEN, known(Outer)).inner.number == 2


def number():
    if not threads:
        threads.append(threading.Thread(target=other))
        threads[0].start()
        threads[0].join(1)
    return int


class Inner(msgspec.Struct):
    number: "number()"


class Outer(msgspec.Struct):
    inner: Inner
    number: int


threads = []
if sys.argv[1] == "alone":
    msgspec.convert(GIVEN, Outer)
else:
    from harness.typed.known_types import known
    assert msgspec.convert(GIVEN, known(Outer)).inner.number == 2
threads[0].join()
"""
TYPED = {"convert": 1, "decode": None}
"""Functions of msgspec that take a type, and the place of that among what they are given; None: by its name alone."""


@pytest.mark.parametrize(("way", "code"), [("alone", -signal.SIGSEGV), ("known", 0)])
def test_a_type_that_another_thread_is_about_to_learn(way: str, code: int) -> None:
    env = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run([sys.executable, "-c", RACE, way], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr


def unlearned(source: str) -> list[int]:
    """List lines of a source that hand msgspec a type which it may not know."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    found = []
    for call in calls:
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func).startswith("msgspec."):
            place = TYPED.get(call.func.attr)
            given = [word.value for word in call.keywords if word.arg == "type"]
            given += call.args[place : place + 1] if place else []
            found += [call.lineno for kind in given if not ast.unparse(kind).startswith("known(")]
    return found


def test_the_harness_hands_it_no_type_that_it_does_not_know() -> None:
    files = [file for file in SCRIPTS.rglob("*.py") if "msgspec" in file.read_text(encoding="utf-8")]
    found = [f"{_shown(file)}:{line}" for file in files for line in unlearned(file.read_text(encoding="utf-8"))]
    assert files
    assert not found


def test_such_a_type_would_be_found() -> None:
    lines = ["msgspec.convert(a, B)", "msgspec.json.decode(a, type=B)", "msgspec.json.decode(a)", "c(msgspec, B)"]
    assert unlearned("\n".join(lines)) == [1, 2]
    assert not unlearned("msgspec.convert(a, known(B))\nmsgspec.yaml.decode(a, type=known(B))")


def _shown(file: Path) -> str:
    return file.relative_to(REPO).as_posix()
