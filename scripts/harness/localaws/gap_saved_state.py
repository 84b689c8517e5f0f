"""Gap: state reaches the disk only on an orderly stop.

Upstream: every service is saved once, at shutdown. After a crash or a ``kill -9`` the resources made since
the start are gone, while Terraform's state object (S3 objects are written at once) still names them. And the
code of removed function versions is deleted *before* the file that refers to it is replaced.

AWS: an acknowledged write is durable ("Data protection in Amazon DynamoDB" and its like for each service).

Fill: a service that was written to is saved within about half a second, through ministack's own atomic save
(temporary file, then rename). Saving runs on the event loop, between requests, so it sees no half-made
change; the larger a service's state, the longer the pause before it is saved again, so that saving never
takes more than a twentieth of the time. Unused code is deleted after the save that no longer refers to it.
"""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any

from ministack import app as ministack
from ministack.core import persistence
from ministack.services import lambda_svc

from harness.localaws.patching import original, replaces, wraps

_TICK_SECONDS = 0.25
_PAUSE_PER_COST = 20  # pause after a save, in multiples of what the save took
_READS = ("Get", "List", "Describe", "BatchGet", "Query", "Scan", "Head", "Simulate")
_DATA_PLANE = "_user_request_"
_log = logging.getLogger("harness.localaws")


@dataclass(slots=True)
class _Saver:
    """Times of writes, and from when each service may be saved next (monotonic seconds)."""

    written: float = 0.0
    saved: dict[str, float] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)

    def save_due(self) -> None:
        for service, get_state in ministack._build_persistence_save_dict().items():
            now = time.monotonic()
            if self.saved.get(service, 0.0) > self.written or self.due.get(service, 0.0) > now:
                continue
            if _save(service, get_state):
                self.saved[service] = now
                self.due[service] = time.monotonic() + _PAUSE_PER_COST * (time.monotonic() - now)


_saver = _Saver()


def _save(service: str, get_state: Any) -> bool:
    try:
        state = get_state()
    except RuntimeError:  # a worker thread changed a dictionary while it was being copied: next tick
        _log.debug("state of %s changed while it was copied", service)
        return False
    if state is not None:
        persistence.save_state(service, state)
    return True


def _reads_only(scope: Any) -> bool:
    """Tell if a request certainly changes nothing; when in doubt it counts as a write."""
    if _DATA_PLANE in scope["path"] or ".execute-api." in dict(scope["headers"]).get(b"host", b"").decode():
        return False
    if scope["method"] in ("GET", "HEAD"):
        return True
    target: str = dict(scope["headers"]).get(b"x-amz-target", b"").decode()
    return target.rpartition(".")[2].startswith(_READS)


def mark_written() -> None:
    """Mark state as changed, for changes that come from no request (alarm evaluation)."""
    _saver.written = time.monotonic()


def install() -> None:
    """Wrap ministack's entry point to see writes, and the deletion of unused function code to order it."""

    @wraps(ministack, "app")
    async def app(application: Any, scope: Any, receive: Any, send: Any) -> None:
        try:
            await application(scope, receive, send)
        finally:
            if scope["type"] == "http" and not _reads_only(scope):
                mark_written()

    prune = original(lambda_svc, "_prune_orphan_code_blobs")
    unreferenced: list[set[str]] = []

    @replaces(lambda_svc, "_prune_orphan_code_blobs")
    def _prune_orphan_code_blobs(referenced: set[str]) -> None:
        unreferenced[:] = [referenced]

    @wraps(persistence, "save_state")
    def _save_state(save_state: Any, service: str, data: Any) -> None:
        save_state(service, data)
        if service == "lambda" and unreferenced:
            prune(unreferenced.pop())


async def background() -> None:
    """Save what was written, until cancelled."""
    while True:
        await asyncio.sleep(_TICK_SECONDS)
        _saver.save_due()
