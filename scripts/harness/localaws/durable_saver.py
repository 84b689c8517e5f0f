"""Write what changed to the store, in one change for all services, and give services back what was written."""

import contextvars
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ministack import app as ministack
from ministack.core import persistence
from ministack.services import lambda_svc

from harness.base.errors import HarnessError
from harness.localaws import durable_services, durable_tables, durable_telemetry
from harness.localaws.durable_services import Services
from harness.localaws.durable_store import Store, room_or
from harness.localaws.durable_tables import Tables
from harness.localaws.durable_telemetry import Telemetry
from harness.localaws.patching import original, replaces

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
_UNREADABLE = (
    *(sqlite3.Error, OSError, LookupError, TypeError, ValueError, AttributeError),
    *(RuntimeError, ArithmeticError, SyntaxError),
)
_prune = original(lambda_svc, "_prune_orphan_code_blobs")


@dataclass(slots=True)
class Saver:
    """Saves the state of the local AWS.

    Attributes:
        failure: what the last save failed with; empty when it did not.
    """

    store: Store
    failure: str = ""
    _services: Services = field(default_factory=lambda: Services(_PARTIAL))
    _tables: Tables = field(default_factory=Tables)
    _telemetry: Telemetry = field(default_factory=Telemetry)
    _code: list[set[str]] = field(default_factory=list)
    _logged: bool = False

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
        except (sqlite3.Error, OSError, RuntimeError, TypeError, ValueError) as error:
            for part in begun:
                part.failed()
            self.failure = f"{error} ({self.store.path})"
            self._log_failure()
            return False
        self.failure = ""
        if telemetry and self._logged:
            self._logged = False
            _log.warning("the local AWS saves again what it holds")
        while self._code:
            _prune(self._code.pop())
        return done

    def save_all(self) -> None:
        """Write everything, metrics and logs to the last."""
        while not self.save(telemetry=True) and not self.failure:
            pass

    def _log_failure(self) -> None:
        """Log a failure once, until everything, metrics and logs too, can be saved again."""
        if not self._logged:
            _log.error("the local AWS cannot save what it holds: %s", self.failure)
        self._logged = True

    def restore(self) -> None:
        """Give each service back what was saved of it, here or, by an older release, as JSON.

        Raises:
            HarnessError: it cannot be read.
        """
        json_files = sorted(self.store.path.parent.glob("*.json"))
        old = not self.store.sections("")
        for service, module in ministack._state_map.items():
            with self._reading(service):
                state = _read_old(self.store.path.parent, service) if old else self._read(service)
                if state:
                    ministack._get_module(module).load_persisted_state(state)
        _finish_updates()
        if old:
            self._telemetry.take_all()
            self.save_all()
        else:
            with self._reading(durable_tables.SERVICE):
                durable_tables.restored(self.store, self._tables)
            self._telemetry.remember()
        for file in json_files if not self.failure else ():
            file.unlink()

    @contextmanager
    def _reading(self, service: str) -> Iterator[None]:
        try:
            yield
        except _UNREADABLE as error:
            said = f"{service} in {self.store.path.parent}): {type(error).__name__}: {error}"
            raise HarnessError(
                f"the local AWS cannot read what it saved ({said}",
                room_or("use the release that wrote it; make down ALL=1 forgets what it holds", error),
            ) from error

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


def _finish_updates() -> None:
    """Let functions that were being made or updated become ready: the thread that was to do so died."""
    for (account, region, name), function in list(lambda_svc._functions._data.items()):
        configurations = [one.get("config") or {} for one in (function, *(function.get("versions") or {}).values())]
        if any(one.get("State") == "Pending" or one.get("LastUpdateStatus") == "InProgress" for one in configurations):
            context = contextvars.copy_context()
            context.run(lambda_svc._request_account_id.set, account)
            context.run(lambda_svc._request_region.set, region)
            context.run(lambda_svc._schedule_state_transition, name, 0)


def _read_old(folder: Path, service: str) -> Any:
    state = persistence.load_state(service)
    if state is None and (file := folder / f"{service}.json").exists():
        raise ValueError(f"{file.name} is damaged")
    return state
