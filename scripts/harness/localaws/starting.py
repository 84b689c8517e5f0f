"""The server process: ministack, every fill installed, on 127.0.0.1, until a signal asks it to stop.

ministack reads its settings from the environment at import, so the order matters: lock the state folder, bind
the port, scrub the environment, then import and patch (:mod:`harness.localaws.serving`).
"""

import asyncio
import logging
import os
import socket
import sqlite3
import sys
from pathlib import Path

from harness.base import causes
from harness.base.errors import HarnessError
from harness.localaws import object_drafts, state_lock, throughput_clock
from harness.localaws.keys import make
from harness.localaws.patching import require_version
from harness.localaws.settings import Options, environment


def _make_folders(state_dir: Path) -> None:
    with state_lock.writing(state_dir):
        for folder in ("services", "s3", "tmp"):
            (state_dir / folder).mkdir(parents=True, exist_ok=True)
        state_lock.try_room(state_dir)  # without any, what is imported next would fail with another cause
        object_drafts.finish(state_dir / "s3")


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
        HarnessError: wrong ministack; state folder not writable, not readable or in use; port taken; last save failed.
    """
    require_version()
    os.umask(0o077)  # what it writes is its user's alone
    with state_lock.held(options.state_dir):
        _make_folders(options.state_dir)
        # Of a test that was killed; real time is what everybody else counts on.
        (options.state_dir / throughput_clock.NAME).unlink(missing_ok=True)
        listener = _bind(options.port)
        keys = make()
        settings = environment(options, listener.getsockname()[1], keys)
        os.environ.clear()
        os.environ.update(settings)
        logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
        try:
            # Only now: ministack reads the environment when it is imported.
            from harness.localaws import serving  # noqa: PLC0415

            asyncio.run(serving.serve(options, listener, keys))
        except (OSError, sqlite3.Error) as error:
            raise HarnessError(
                f"the local AWS cannot go on ({options.state_dir}): {type(error).__name__}: {error}",
                causes.remedy_of(str(error)) or "mend the folder's rights, or its disk, then start it again",
            ) from error
