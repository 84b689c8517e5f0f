"""Whatever streams a program is started with, it can print to them, and what it opens is none of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

PREPARED = "import os, subprocess, sys\nfrom harness.base.startup import prepare\nprepare()\n"


def run(code: str, redirection: str = "", encoding: str = "utf-8") -> subprocess.CompletedProcess[bytes]:
    line = f'PYTHONIOENCODING={encoding} exec "$0" -c "$1" {redirection}'
    return subprocess.run(["bash", "-c", line, sys.executable, PREPARED + code], capture_output=True, check=False)


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [
        ("utf-8", "→ é \\udcff\n"),
        ("ascii", "→ é \\udcff\n"),
        ("latin-1", "→ é \\udcff\n"),
        ("ascii:replace", "→ é ?\n"),
    ],
)
def test_every_text_can_be_printed(encoding: str, printed: str) -> None:
    for stream in ("stdout", "stderr"):
        ended = run(f"print('\u2192 \u00e9 \\udcff', file=sys.{stream})", encoding=encoding)
        assert ended.returncode == 0
        assert getattr(ended, stream).decode() == (
            printed if stream == "stdout" or ":" not in encoding else "→ é \\udcff\n"
        )


@pytest.mark.parametrize(
    "redirection", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2</dev/null", "> /dev/null </dev/null 1<&0"]
)
def test_a_closed_stream_leads_nowhere_and_no_file_takes_its_place(redirection: str) -> None:
    code = """
print("said", flush=True)
print("complained", file=sys.stderr, flush=True)
assert sys.stdin.fileno() == 0
opened = os.open(os.devnull, os.O_RDONLY)
below = subprocess.run([sys.executable, "-c", "import os; [os.fstat(one) for one in (0, 1, 2)]"])
raise SystemExit(7 if opened > 2 and below.returncode == 0 else 1)
"""
    assert run(code, redirection).returncode == 7


def test_an_error_that_nothing_catches_keeps_its_trace_and_is_2() -> None:
    ended = run("def deep(): return {}['gone']\ndeep()")
    assert ended.returncode == 2
    assert b"in deep" in ended.stderr
    assert b"KeyError: 'gone'\nerror: this is a bug of the harness" in ended.stderr


def test_an_interrupt_and_an_exit_keep_their_codes() -> None:
    assert (run("raise KeyboardInterrupt").returncode, run("raise SystemExit(1)").returncode) == (130, 1)
