"""The server process: ministack, every fill installed, on 127.0.0.1, until SIGTERM.

ministack reads its settings from the environment at import, so the order matters: lock the state folder, bind
the port, scrub the environment, then import and patch (:mod:`harness.localaws.serving`).
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import socket
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO

from harness.errors import HarnessError
from harness.localaws import record
from harness.localaws.patching import require_version

REGION = "eu-west-1"
TIME_FACTOR = "LOCALAWS_TIME_FACTOR"
"""Environment variable of the server that carries ``Options.time_factor`` to the alarms' evaluation."""

ERROR_PREFIX = "error: "
"""Begins the one line on standard error that says why the server could not start."""

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve.

    Attributes:
        state_dir: folder of everything the server writes.
        port: TCP port; 0 takes a free one.
        function_endpoint: URL that Lambda functions call instead of the server itself (a fault proxy), or "".
        parent: pid after whose death the server stops by itself; 0 for never.
        time_factor: seconds that pass on the metrics clock per real second, see ``gap_alarm_evaluation``.
        filled: False serves stock ministack; only the probes of the gaps want that.
    """

    state_dir: Path
    port: int
    function_endpoint: str = ""
    parent: int = 0
    time_factor: float = 1.0
    filled: bool = True


def environment(options: Options, port: int) -> dict[str, str]:
    """The whole environment of server and Lambda workers: no AWS setting of the caller leaks in."""
    state = options.state_dir
    settings = {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "DOCKER_HOST": f"unix://{state}/no-docker",  # a Docker that happens to run is none of our business
        "GATEWAY_PORT": str(port),
        TIME_FACTOR: str(options.time_factor),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_ACCOUNT_CONCURRENCY": "1000",  # a new AWS account's; else it follows the machine's memory
        "LOG_LEVEL": "WARNING",
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "services"),
        "TMPDIR": str(state / "tmp"),
    }
    if options.function_endpoint:
        settings["AWS_ENDPOINT_URL"] = options.function_endpoint
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | settings


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
    """Serve until SIGTERM or SIGINT, then save and end.

    Raises:
        HarnessError: wrong ministack, state folder not writable or in use, or port taken.
    """
    require_version()
    lock = _lock(options.state_dir)
    listener = _bind(options.port)
    settings = environment(options, listener.getsockname()[1])
    os.environ.clear()
    os.environ.update(settings)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        # Only now: ministack reads the environment when it is imported.
        serving = import_module("harness.localaws.serving")
        asyncio.run(serving.serve(options, listener))
    finally:
        record.remove(options.state_dir)
        lock.close()
