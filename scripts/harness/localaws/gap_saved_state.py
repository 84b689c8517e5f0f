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
import logging
import re
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ministack import app as ministack
from ministack.core import persistence
from ministack.services import lambda_svc

from harness.base.errors import HarnessError
from harness.localaws import durable_services, durable_tables, durable_telemetry, object_files
from harness.localaws.durable_services import Services
from harness.localaws.durable_store import Store, open_store
from harness.localaws.durable_tables import Tables
from harness.localaws.durable_telemetry import Telemetry
from harness.localaws.patching import original, replaces, wraps

_TICK_SECONDS = 0.25
_SETTLE_SECONDS = 5.0
_READS = ("Get", "List", "Describe", "BatchGet", "Query", "Scan", "Head", "Simulate", "TransactGet")
_DATA_PLANE = "_user_request_"
_ITEM_ACTIONS = re.compile(rb"DynamoDB_20120810\.(Put|Update|Delete|BatchWrite|TransactWrite)Items?")
_log = logging.getLogger("harness.localaws")

_PARTIAL = {
    durable_tables.SERVICE: durable_tables.definitions,
    durable_telemetry.METRICS: durable_telemetry.metric_settings,
    durable_telemetry.LOGS: durable_telemetry.log_settings,
}
_COMPLETE = {
    durable_tables.SERVICE: durable_tables.complete,
    durable_telemetry.METRICS: durable_telemetry.with_points,
    durable_telemetry.LOGS: durable_telemetry.with_events,
}
_prune = original(lambda_svc, "_prune_orphan_code_blobs")


@dataclass(slots=True)
class Saver:
    """What saves the state of the local AWS.

    Attributes:
        failure: what the last save failed with; empty when it did not.
    """

    store: Store
    failure: str = ""
    _services: Services = field(default_factory=lambda: Services(_PARTIAL))
    _tables: Tables = field(default_factory=Tables)
    _telemetry: Telemetry = field(default_factory=Telemetry)
    _code: list[set[str]] = field(default_factory=list)

    def save(self, *, whole: bool = True, telemetry: bool = False) -> bool:
        """Write what changed, and tell if that was all of it.

        Args:
            whole: everything but metrics and logs; else items of tables alone.
            telemetry: a slice of metrics and logs, too.
        """
        begun: list[Services | Tables | Telemetry] = []
        done = True
        try:
            with self.store.change():
                begun.append(self._tables)
                self._tables.save_items(self.store)
                if whole:
                    begun.append(self._services)
                    self._tables.save_tables(self.store)
                    self._services.save(self.store)
                if telemetry:
                    begun.append(self._telemetry)
                    done = self._telemetry.save(self.store)
        except (sqlite3.Error, OSError) as error:
            for part in begun:
                part.failed()
            self._tell(str(error))
            return False
        self._tell("")
        while self._code:
            _prune(self._code.pop())
        return done

    def save_all(self) -> None:
        """Write everything, metrics and logs to the last."""
        while not self.save(telemetry=True) and not self.failure:
            pass

    def _tell(self, failure: str) -> None:
        if failure and not self.failure:
            _log.error("the local AWS cannot save what it holds (%s): %s", self.store.path, failure)
        elif self.failure and not failure:
            _log.warning("the local AWS saves again what it holds (%s)", self.store.path)
        self.failure = failure

    def restore(self) -> None:
        """Give each service back what was saved of it, here or, by an older release, as JSON.

        Raises:
            HarnessError: it cannot be read.
        """
        json_files = sorted(self.store.path.parent.glob("*.json"))
        old = not self.store.sections("")
        for service, module in ministack._state_map.items():
            try:
                state = _read_old(self.store.path.parent, service) if old else self._read(service)
                if state:
                    ministack._get_module(module).load_persisted_state(state)
            except (sqlite3.Error, LookupError, TypeError, ValueError, AttributeError) as error:
                raise _unreadable(f"{service} in {self.store.path.parent}", error) from error
        if old:
            self._telemetry.take_all()
            self.save_all()
        else:
            durable_tables.restored(self.store, self._tables)
            self._telemetry.remember()
        for file in json_files if not self.failure else ():
            file.unlink()

    def _read(self, service: str) -> dict[str, Any]:
        state = durable_services.read(self.store, service)
        if state and service in _COMPLETE:
            _COMPLETE[service](self.store, state)
        return state

    def install(self) -> None:
        """Note what changes from now on, and order the deletion of unused code after the save that lets go of it."""
        durable_tables.install(self._tables)
        durable_telemetry.install(self._telemetry)

        @replaces(lambda_svc, "_prune_orphan_code_blobs")
        def _prune_orphan_code_blobs(referenced: set[str]) -> None:
            self._code[:] = [referenced]


_saver: list[Saver] = []


def failure() -> str:
    """Tell what the last save failed with; empty when it did not, or when nothing is saved here."""
    return _saver[0].failure if _saver else ""


def _unreadable(what: str, error: Exception) -> HarnessError:
    return HarnessError(
        f"the local AWS cannot read what it saved ({what}): {type(error).__name__}: {error}",
        "use the release that wrote it; make down ALL=1 forgets what it holds",
    )


def _read_old(folder: Path, service: str) -> Any:
    state = persistence.load_state(service)
    if state is None and (file := folder / f"{service}.json").exists():
        raise ValueError(f"{file.name} is damaged")
    return state


def _reads_only(scope: Any) -> bool:
    """Tell if a request certainly changes nothing; when in doubt it counts as a write."""
    headers = dict(scope["headers"])
    if _DATA_PLANE in scope["path"] or ".execute-api." in headers.get(b"host", b"").decode():
        return False
    if scope["method"] in ("GET", "HEAD"):
        return True
    target: str = headers.get(b"x-amz-target", b"").decode()
    return target.rpartition(".")[2].startswith(_READS)


def _refusal(scope: Any, cause: str) -> tuple[bytes, bytes]:
    """Write AWS's error that a service failed, as the protocol of the request has it: content type and body."""
    headers = dict(scope["headers"])
    message = f"The local AWS could not save this change: {cause}. Free space or mend its folder, then try again."
    if b"x-www-form-urlencoded" in headers.get(b"content-type", b""):
        error = f"<Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>{escape(message)}</Message></Error>"
        return b"text/xml", f"<ErrorResponse>{error}</ErrorResponse>".encode()
    if b"/s3/aws4_request" in headers.get(b"authorization", b""):
        error = f"<Error><Code>InternalError</Code><Message>{escape(message)}</Message></Error>"
        return b"application/xml", error.encode()
    return b"application/x-amz-json-1.0", json.dumps({"__type": "InternalServerError", "message": message}).encode()


async def _serve_held(saver: Saver, application: Any, scope: Any, receive: Any, send: Any) -> None:
    """Serve a request that may change something: its answer waits until that is saved, or is an error."""
    failures: list[OSError] = []
    token = object_files.failures.set(failures)
    items_only = bool(_ITEM_ACTIONS.fullmatch(dict(scope["headers"]).get(b"x-amz-target", b"")))
    refused = False

    async def answer(message: Any) -> None:
        nonlocal refused
        if message["type"] == "http.response.start":
            saver.save(whole=not items_only)
            if cause := saver.failure or ", ".join(map(str, failures)):
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
        object_files.failures.reset(token)


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
