"""Serving of ministack with all fills; imported by :mod:`harness.localaws.starting` once the environment is set."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading

import psutil
from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from ministack import app as ministack

from harness.base.errors import HarnessError
from harness.localaws import decisions, gap_saved_state, pidfile, request_clock
from harness.localaws.fills import FILLS, Fill
from harness.localaws.keys import Keys
from harness.localaws.settings import Kind, Options

_GRACE_SECONDS = 2.0  # for requests under way when the stop signal comes
_LAST_RESORT_SECONDS = 8.0  # after which a thread that never ends no longer holds the process
_PARENT_CHECK_SECONDS = 0.5
_MOST_HEAD_BYTES = 1 << 20  # above every limit of a service, so that the service's own refusal is seen
_log = logging.getLogger("harness.localaws")


async def serve(options: Options, listener: socket.socket, keys: Keys) -> None:
    """Install the fills, then serve on ``listener`` until a stop signal or until the parent is gone.

    Args:
        keys: of the account's root, to be told to its user.

    Raises:
        HarnessError: what was saved cannot be read, or the last save failed.
    """
    fills = () if options.kind is Kind.STOCK else FILLS
    for fill in fills:
        fill.install()
    decisions.install()
    request_clock.install()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    tasks = [asyncio.ensure_future(_guarded(fill)) for fill in fills]
    if options.parent:
        tasks.append(asyncio.ensure_future(_until_orphaned(options.parent, stop)))
    pidfile.write(options.state_dir, listener.getsockname()[1], keys)
    try:
        await hypercorn_serve(ministack.app, _config(listener), shutdown_trigger=stop.wait)
        if cause := gap_saved_state.failure():
            raise HarnessError(
                f"the local AWS could not save what it held last ({options.state_dir}): {cause}",
                "free space or mend the folder; all that it had acknowledged is kept",
            )
        pidfile.remove(options.state_dir)  # one that stays tells control.stop that the last save failed
    finally:
        for task in tasks:
            task.cancel()
        # A thread that waits for a Lambda worker holds the process; without the worker it returns.
        pidfile.kill(psutil.Process().children(recursive=True))
        _arm_last_resort()


async def _guarded(fill: Fill) -> None:
    """Run a fill's background work. Nobody waits for it, so its failure has to reach the log by itself."""
    if fill.background is None:
        return
    try:
        await fill.background()
    finally:
        if (error := sys.exc_info()[1]) and not isinstance(error, asyncio.CancelledError):
            _log.error("the background work of fill %s ended", fill.name, exc_info=error)


def _config(listener: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = sys.maxsize  # never close a connection under a client's next request
    config.h11_max_incomplete_size = _MOST_HEAD_BYTES
    config.graceful_timeout = _GRACE_SECONDS
    config.loglevel = "WARNING"
    return config


async def _until_orphaned(parent: int, stop: asyncio.Event) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(_PARENT_CHECK_SECONDS)
    stop.set()


def _arm_last_resort() -> None:
    timer = threading.Timer(_LAST_RESORT_SECONDS, os._exit, args=(0,))
    timer.daemon = True
    timer.start()
