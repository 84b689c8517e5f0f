"""The real provider process behind a lane's proxy (runs in the lane's server process, on any POSIX system)."""

import ctypes
import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

_REATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(\{.*\})'")
START_SECONDS = 60.0
WITHHELD = ("AWS_CA_BUNDLE", "PYTHONPATH")
COLLECTOR = {"GOGC": "400", "GOMEMLIMIT": "640MiB"}
"""Go's garbage collector: seldom, as starting fills 250 MB that stay, but before the provider grows to twice that."""
PR_SET_PDEATHSIG = 1


def start(provider: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start ``provider`` in debug mode with its socket in ``folder``; :func:`address` says when it is up.

    Withheld from it is ``AWS_CA_BUNDLE``, with which every plan after the first on a kept-alive provider fails. Nor
    does it get the caller's ``GOGC``: with ``off``, right for one-shot commands, it was seen to grow by 40 MB with
    each plan.
    """
    env = {name: value for name, value in os.environ.items() if name not in WITHHELD}
    with (folder / "provider.log").open("wb") as log:
        return subprocess.Popen(
            [str(provider), "-debug"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env | COLLECTOR | {"PLUGIN_UNIX_SOCKET_DIR": str(folder), "TMPDIR": str(folder)},
            preexec_fn=functools.partial(_die_with, os.getpid()),  # noqa: PLW1509 - the server has no other thread yet
        )


def address(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Wait until the provider has printed its socket's path, and return that.

    Raises:
        RuntimeError: it exited, speaks another protocol than version 5, or took longer than 60 s.
    """
    log, deadline = folder / "provider.log", time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        exited = process.poll() is not None
        text = log.read_text(errors="replace")
        if found := _REATTACH.search(text):
            (reattach,) = json.loads(found[1]).values()
            if reattach["ProtocolVersion"] != 5:
                raise RuntimeError(f"the provider speaks protocol {reattach['ProtocolVersion']}, not 5")
            return str(reattach["Addr"]["String"])
        if exited:
            raise RuntimeError(f"the provider exited with {process.returncode}: {text[-500:]}")
        time.sleep(0.005)
    raise RuntimeError(f"the provider did not start within {START_SECONDS:.0f} s: {text[-500:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill the provider and reap it; it holds nothing worth an orderly end."""
    process.kill()
    process.wait()


def _die_with(server: int) -> None:
    """Have Linux kill the calling child when the server dies. Elsewhere the watcher process does that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:  # it died before the line above
            os._exit(1)
