"""The server process: ministack, every fill installed, on 127.0.0.1, until a signal asks it to stop.

ministack reads its settings from the environment at import, so the order matters: lock the state folder, bind
the port, scrub the environment, then import and patch (:mod:`harness.localaws.serving`).
"""

import asyncio
import fcntl
import logging
import os
import socket
import sys
from pathlib import Path
from typing import IO

from harness.base.errors import HarnessError
from harness.localaws import pidfile, throughput_clock
from harness.localaws.patching import require_version
from harness.localaws.settings import Options, environment


def _lock(state_dir: Path) -> IO[str]:
    """Hold the state folder for as long as the returned file is open; the kernel frees it however we die."""
    try:
        for folder in ("services", "s3", "tmp"):
            (state_dir / folder).mkdir(parents=True, exist_ok=True)
        lock = (state_dir / "lock").open("w")
    except OSError as error:
        raise HarnessError(
            f"the local AWS cannot write its state folder {state_dir}: {error.strerror}",
            "make it writable or choose another one",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise HarnessError(
            f"another local AWS already serves {state_dir}", "use that one, or stop it first: make down"
        ) from None
    return lock


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        raise HarnessError(
            f"port {port} on 127.0.0.1 cannot be taken by the local AWS: {error.strerror}",
            "stop the program that uses it, or choose another port",
        ) from error
    return listener


def run(options: Options) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP, then save and end.

    Raises:
        HarnessError: wrong ministack, state folder not writable or in use, or port taken.
    """
    require_version()
    lock = _lock(options.state_dir)
    # Of a test that was killed; real time is what everybody else counts on.
    (options.state_dir / throughput_clock.NAME).unlink(missing_ok=True)
    listener = _bind(options.port)
    settings = environment(options, listener.getsockname()[1])
    os.environ.clear()
    os.environ.update(settings)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        # Only now: ministack reads the environment when it is imported.
        from harness.localaws import serving  # noqa: PLC0415

        asyncio.run(serving.serve(options, listener))
    finally:
        pidfile.remove(options.state_dir)
        lock.close()
