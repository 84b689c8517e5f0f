"""Gap: state reaches the disk only on an orderly stop.

Upstream: every service is saved once, at shutdown. After a crash or a ``kill -9`` the resources and items made since
the start are gone, while Terraform's state object (S3 objects are written at once) still names them. A save that fails
is a line in the log. And the code of removed function versions is deleted *before* the file that refers to it is
replaced.

AWS: an acknowledged write is durable ("Data protection in Amazon DynamoDB" and its like for each service).

Fill: what a request changed is on disk before its answer begins (docs/adr/0040). Where that fails the answer is an
error, 500, and the next request tries again. What comes from no request is saved within a quarter of a second, metrics
and logs in slices. Unused code is deleted after the save that no longer refers to it.
"""

import asyncio
import gc
import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ministack import app as ministack
from ministack.core import persistence

from harness.localaws import object_files, object_writes
from harness.localaws.durable_saver import Saver
from harness.localaws.durable_store import open_store
from harness.localaws.patching import replaces, wraps

_TICK_SECONDS = 0.25
_SETTLE_SECONDS = 5.0
_READS = ("Get", "List", "Describe", "BatchGet", "Query", "Scan", "Head", "Simulate", "TransactGet")
_DATA_PLANE = "_user_request_"
_ITEM_ACTIONS = re.compile(rb"DynamoDB_20120810\.(Put|Update|Delete|BatchWrite|TransactWrite)Items?")

_saver: list[Saver] = []


def failure() -> str:
    """Tell what the last save failed with; empty when it did not, or when nothing is saved here."""
    return _saver[0].failure if _saver else ""


def _reads_only(scope: Any) -> bool:
    """Tell if a request certainly changes nothing; when in doubt it counts as a write."""
    if _is_data_plane(scope):
        return False
    target: str = dict(scope["headers"]).get(b"x-amz-target", b"").decode()
    asked = [*_queried(scope), *([target.rpartition(".")[2]] if target else [])]
    if scope["method"] not in ("GET", "HEAD") and not target:
        return False
    return all(action.startswith(_READS) for action in asked)


def _is_data_plane(scope: Any) -> bool:
    """Tell if a request is one to a deployed API: what a function writes, it writes by requests of its own."""
    return _DATA_PLANE in scope["path"] or b".execute-api." in dict(scope["headers"]).get(b"host", b"")


def _queried(scope: Any) -> list[str]:
    """List the actions that a query string asks for: the Query protocol writes by GET, too."""
    return parse_qs(scope["query_string"].decode("latin-1")).get("Action", [])


def _refusal(scope: Any, cause: str) -> tuple[bytes, bytes]:
    """Write AWS's error that a service failed, as the protocol of the request has it: content type and body."""
    headers = dict(scope["headers"])
    message = f"The local AWS could not save this change: {cause}. Free space or mend its folder, then try again."
    if b"x-www-form-urlencoded" in headers.get(b"content-type", b"") or _queried(scope):
        error = f"<Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>{escape(message)}</Message></Error>"
        return b"text/xml", f"<ErrorResponse>{error}</ErrorResponse>".encode()
    if b"/s3/aws4_request" in headers.get(b"authorization", b""):
        error = f"<Error><Code>InternalError</Code><Message>{escape(message)}</Message></Error>"
        return b"application/xml", error.encode()
    return b"application/x-amz-json-1.0", json.dumps({"__type": "InternalServerError", "message": message}).encode()


async def _serve_held(saver: Saver, application: Any, scope: Any, receive: Any, send: Any) -> None:
    """Serve a request that may change something: its answer waits until that is saved, or is an error."""
    writes = object_writes.Writes()
    token = object_writes.writes.set(writes)
    whole = not _is_data_plane(scope) and not _ITEM_ACTIONS.fullmatch(dict(scope["headers"]).get(b"x-amz-target", b""))
    refused = False

    async def answer(message: Any) -> None:
        nonlocal refused
        if message["type"] == "http.response.start":
            writes.end()
            saver.save(whole=whole)
            if cause := saver.failure or ", ".join(map(str, writes.failures)):
                refused = True
                kind, body = _refusal(scope, cause)
                headers = [(b"content-type", kind), (b"x-amzn-errortype", b"InternalServerError")]
                headers.append((b"content-length", str(len(body)).encode()))
                await send({"type": "http.response.start", "status": 500, "headers": headers})
                await send({"type": "http.response.body", "body": body, "more_body": False})
        if not refused:
            await send(message)

    try:
        await application(scope, receive, answer)
    finally:
        writes.end()
        object_writes.writes.reset(token)


def install() -> None:
    """Give the services back what was saved, save from now on, and hold each answer until then.

    Raises:
        HarnessError: what was saved cannot be read, or the folder cannot be written.
    """
    saver = Saver(open_store(Path(persistence.STATE_DIR)))
    gc.disable()  # looking for garbage, again and again, in what is only growing would take most of the time
    saver.restore()
    gc.enable()
    _settle()
    saver.install()
    object_files.install()
    _saver[:] = [saver]

    @wraps(ministack, "app")
    async def app(application: Any, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or _reads_only(scope):
            await application(scope, receive, send)
        else:
            await _serve_held(saver, application, scope, receive, send)

    @replaces(ministack, "_load_persisted_state")
    def _load_persisted_state() -> None:
        """Leave to ``restore`` what was saved: it refuses to start over what it cannot read."""

    @replaces(ministack, "save_all")
    def save_all(_: Any) -> None:
        saver.save_all()


async def background() -> None:
    """Save what no answer waits for, until cancelled."""
    settled = time.monotonic()
    while True:
        done = _saver[0].save(telemetry=True)
        if time.monotonic() > settled + _SETTLE_SECONDS:
            _settle()
            settled = time.monotonic()
        await asyncio.sleep(_TICK_SECONDS if done or _saver[0].failure else 0)


def _settle() -> None:
    """Take what is there out of the search for garbage: with many items one search would hold up all requests."""
    gc.collect()
    gc.freeze()
