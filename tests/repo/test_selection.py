"""The tests that need no local AWS can be selected, all of them and no other."""

from __future__ import annotations

import os
import subprocess
import sys

from harness.base.paths import REPO


def collected(expression: str) -> set[str]:
    """Return the folders below tests/ of the tests that ``-m expression`` selects."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", expression]
    # What the caller adds to pytest's arguments changes what is printed.
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        [*command, "tests/local", "tests/repo"], cwd=REPO, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {line.split("/")[1] for line in done.stdout.splitlines() if line.startswith("tests/")}


def test_nothing_in_local_is_selected_without_the_local_aws_and_everything_with_it() -> None:
    assert collected("not local") == {"repo"}
    assert collected("local") == {"local"}
