"""Save metrics and logs: within a second, in slices that hold up no request, and no more of them than is of use.

AWS keeps a metric's points for 15 days and a log's events for as long as its group says ("Amazon CloudWatch concepts",
Amazon CloudWatch User Guide; "Working with log groups and log streams", Amazon CloudWatch Logs User Guide). A machine
of one user also needs a bound: the newest ``MOST_POINTS`` of each metric and the newest ``MOST_EVENTS`` of each group,
without streams that were left empty by it. This project's heaviest proof sends some thousands of requests, each of one
point a metric and four to ten events.
"""

import ast
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch, cloudwatch_logs

from harness.localaws.durable_services import decode, encode
from harness.localaws.durable_store import Entry, Store
from harness.localaws.durable_tables import newer
from harness.localaws.patching import wraps

METRICS, LOGS = "cloudwatch", "cloudwatch_logs"
MOST_POINTS = 20_000
MOST_EVENTS = 50_000
_SLACK = 1.1  # trimmed when there are that many times the bound, so that trimming is rare
_SLICE = 500  # events written between two looks at the clock
_SLICE_SECONDS = 0.01
_DAY_SECONDS = 86400
_POINTS = "points"  # the section of all metrics' points

_OF_METRICS = ("alarms", "composite_alarms", "composite_triggers", "alarm_history", "dashboards", "resource_tags")
_OF_LOGS = (
    *("destinations", "resource_policies", "log_group_policies", "metric_filters", "queries"),
    *("delivery_sources", "delivery_destinations", "deliveries"),
)

_Scope = tuple[str, str, Any]


def metric_settings() -> dict[str, Any]:
    """Read all of CloudWatch's state but points."""
    return {name: getattr(cloudwatch, f"_{name}") for name in _OF_METRICS}


def log_settings() -> dict[str, Any]:
    """Read all of CloudWatch Logs' state but streams and events."""
    groups = AccountRegionScopedDict()
    for scope, group in cloudwatch_logs._log_groups.all_items():
        groups._data[scope] = {name: value for name, value in group.items() if name != "streams"}
    return {"log_groups": groups, **{name: getattr(cloudwatch_logs, f"_{name}") for name in _OF_LOGS}}


@dataclass(slots=True)
class _Group:
    """A log group that is on disk: the group itself, its streams that are, and how many events it has there."""

    group: Any
    streams: dict[str, Any] = field(default_factory=dict)
    events: int = 0


@dataclass(slots=True)
class Telemetry:
    """Saves metrics and logs, and remembers what is on disk of them and what has come since."""

    _last: dict[_Scope, Any] = field(default_factory=dict)
    _touched: dict[_Scope, None] = field(default_factory=dict)
    _groups: dict[_Scope, _Group] = field(default_factory=dict)
    _places: dict[int, tuple[_Scope, str]] = field(default_factory=dict)
    _came: list[tuple[Any, list[Any]]] = field(default_factory=list)
    _undo: list[Callable[[], object]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def touch(self, metric: _Scope) -> None:
        """Note that a metric gets a point."""
        with self._lock:
            self._touched[metric] = None

    def came(self, stream: Any, events: list[Any], *, first: bool = False) -> None:
        """Note that events came to a stream; ``first`` puts them before others."""
        with self._lock:
            self._came.insert(0 if first else len(self._came), (stream, list(events)))

    def save(self, store: Store) -> bool:
        """Write a slice of what has come, and tell if all of it is written."""
        self._undo.clear()
        until = time.monotonic() + _SLICE_SECONDS
        for metric in self._last.keys() - cloudwatch._metrics._data.keys():
            self._save_points(store, metric)
        while self._touched and time.monotonic() < until:
            with self._lock:
                metric = next(iter(self._touched))
                del self._touched[metric]
            self._save_points(store, metric)
        self._save_groups(store)
        while self._came and time.monotonic() < until:
            with self._lock:
                stream, events = self._came.pop(0)
            self._undo.append(partial(self.came, stream, events[:_SLICE], first=True))
            if events[_SLICE:]:
                self.came(stream, events[_SLICE:], first=True)
            self._save_events(store, stream, events[:_SLICE])
        return not self._touched and not self._came

    def failed(self) -> None:
        """Go back to what was on disk before the last save began."""
        while self._undo:
            self._undo.pop()()

    def _save_points(self, store: Store, metric: _Scope) -> None:
        points, last = cloudwatch._metrics._data.get(metric) or [], self._last.pop(metric, None)
        self._undo.append(partial(self._back, metric, last))
        added = newer(points, last)
        if added is None:
            store.drop_all(_POINTS, repr(metric))
            added = list(points)
        store.add(_POINTS, [Entry(repr(metric), point["Timestamp"], encode(point)) for point in added])
        if points:
            self._last[metric] = points[-1]
        if len(points) > MOST_POINTS * _SLACK:
            del points[:-MOST_POINTS]
            store.keep_newest(_POINTS, repr(metric), MOST_POINTS)

    def _back(self, metric: _Scope, last: Any) -> None:
        self._last.pop(metric, None)
        if last is not None:
            self._last[metric] = last
        self.touch(metric)

    def _save_groups(self, store: Store) -> None:
        groups = dict(cloudwatch_logs._log_groups._data)
        for scope in [scope for scope, known in self._groups.items() if groups.get(scope) is not known.group]:
            store.clear(_section(scope))
            self._undo.append(partial(self._groups.__setitem__, scope, self._groups.pop(scope)))
        for scope, group in groups.items():
            if scope not in self._groups:
                self._groups[scope] = _Group(group)
                self._undo.append(partial(self._groups.pop, scope))
            known, streams = self._groups[scope].streams, dict(group["streams"])
            for name in known.keys() - streams.keys():
                self._places.pop(id(known[name]), None)
                store.delete(_section(scope), name)
                store.drop_all(_section(scope), name)
                self._undo.append(partial(known.__setitem__, name, known.pop(name)))
            for name in streams.keys() - known.keys():
                known[name] = streams[name]
                self._places[id(streams[name])] = (scope, name)
                self._undo.append(partial(known.pop, name))
                store.put(_section(scope), name, _about(streams[name]))

    def _save_events(self, store: Store, stream: Any, events: list[Any]) -> None:
        scope, name = self._places.get(id(stream), (None, ""))
        known = self._groups.get(scope) if scope else None
        if scope is None or known is None or known.streams.get(name) is not stream:
            return  # deleted meanwhile
        section = _section(scope)
        store.put(section, name, _about(stream))
        store.add(section, [Entry(name, float(event["ingestionTime"]), encode(event)) for event in events])
        known.events += len(events)
        if known.events > MOST_EVENTS * _SLACK:
            self._trim(store, scope, known)

    def _trim(self, store: Store, scope: _Scope, known: _Group) -> None:
        """Drop a group's oldest events; streams that are left without any are written off at the next save."""
        streams = known.group["streams"]
        with cloudwatch_logs._log_events_lock:
            moments = sorted(event["ingestionTime"] for stream in streams.values() for event in stream["events"])
            until = moments[max(0, len(moments) - MOST_EVENTS)] - 1 if moments else 0
            for name, stream in list(streams.items()):
                kept = [event for event in stream["events"] if event["ingestionTime"] > until]
                for event in stream["events"] if len(kept) < len(stream["events"]) else ():
                    if event["ingestionTime"] <= until:
                        cloudwatch_logs._log_records._data.pop((*scope[:2], event.get("eventId")), None)
                if kept:
                    stream["events"] = kept
                elif stream["events"]:
                    del streams[name]
        known.events -= store.drop(_section(scope), until)

    def remember(self) -> None:
        """Note that all there is is on disk as it is."""
        self._last = {metric: points[-1] for metric, points in cloudwatch._metrics.all_items() if points}
        for scope, group in cloudwatch_logs._log_groups.all_items():
            streams = dict(group["streams"])
            self._groups[scope] = _Group(group, streams, sum(len(stream["events"]) for stream in streams.values()))
            self._places.update({id(stream): (scope, name) for name, stream in streams.items()})

    def take_all(self) -> None:
        """Note that nothing is on disk of what there is."""
        for metric in cloudwatch._metrics._data:
            self.touch(metric)
        for group in cloudwatch_logs._log_groups.all_values():
            for stream in group["streams"].values():
                self.came(stream, stream["events"])


def _section(scope: _Scope) -> str:
    return f"log/{encode(scope)}"


def _about(stream: Any) -> str:
    return encode({name: value for name, value in stream.items() if name != "events"})


def with_points(store: Store, state: dict[str, Any]) -> None:
    """Add the points of metrics to a state that holds CloudWatch's settings."""
    store.drop(_POINTS, time.time() - cloudwatch.TWO_WEEKS_SECONDS)
    found: dict[str, list[Any]] = {}
    for entry in store.entries(_POINTS):
        found.setdefault(entry.key, []).append(decode(entry.value))
    state["metrics"] = AccountRegionScopedDict()
    state["metrics"]._data.update({ast.literal_eval(key): points for key, points in found.items()})


def with_events(store: Store, state: dict[str, Any]) -> None:
    """Add streams and events to a state that holds the settings of CloudWatch Logs."""
    for scope, group in state.get("log_groups", AccountRegionScopedDict()).all_items():
        if days := group.get("retentionInDays"):
            store.drop(_section(scope), (time.time() - int(days) * _DAY_SECONDS) * 1000)
        group["streams"] = {name: {**decode(text), "events": []} for name, text in store.records(_section(scope))}
        for entry in store.entries(_section(scope)):
            if stream := group["streams"].get(entry.key):
                stream["events"].append(decode(entry.value))


def install(telemetry: Telemetry) -> None:
    """Note each point and each event that ministack, or a fill, stores."""

    @wraps(cloudwatch, "_metric_bucket")
    def _metric_bucket(bucket: Any, key: Any) -> Any:
        telemetry.touch(cloudwatch._metrics._scoped(key))
        return bucket(key)

    @wraps(cloudwatch_logs, "_append_log_events")
    def _append_log_events(append: Any, stream: Any, events: Any) -> None:
        append(stream, events)
        telemetry.came(stream, events)
