"""A process is known again by its id and its start."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import psutil

from harness.base.process import Process, this_process

# Ends when its input does.
_WAITS = (sys.executable, "-c", "import sys; sys.stdin.read()")


def test_this_process_lives() -> None:
    assert this_process().alive()
    assert this_process() == this_process()


def test_an_id_that_was_given_again_is_another_process() -> None:
    own = this_process()
    assert not replace(own, started=own.started - 2).alive()


def test_one_that_ended_does_not_live_though_nobody_collected_it() -> None:
    child = subprocess.Popen(_WAITS, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    living = Process("here", child.pid, psutil.Process(child.pid).create_time())
    assert living.alive()
    assert child.stdin and child.stdout
    child.stdin.close()
    child.stdout.read()  # ends with the process, which is then a zombie
    while living.alive():
        pass
    child.wait()
    assert not living.alive()
