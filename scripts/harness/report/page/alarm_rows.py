"""Tell the alarms of a plan as a table: when each fires, what it watches, whom it tells, what to do then."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.plan import Plan, ResourceChange
from harness.report.page.words import shown
from harness.rules.alarms import RUNBOOK
from harness.rules.composites import COMPOSITE_ALARM, METRIC_ALARM

_SIGNS: Mapping[object, str] = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside the band of",
    "LessThanLowerThreshold": "below the band of",
    "GreaterThanUpperThreshold": "above the band of",
}
# A folder of this repository or an https address, as modules/alarms takes them; nothing else becomes a link.
_WEB, _FILE = re.compile(r"https://[\w./~-]+\.md"), re.compile(r"(?!/)(?:[\w~-][\w.~-]*/)*[\w~-][\w.~-]*\.md")
_UP = "../../"
"""From build/reports, where the page stands, to the repository."""


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm in words.

    Attributes:
        window: periods that are looked at.
        link: address of the runbook, empty when there is none that can be followed.
    """

    address: str
    name: str
    fires: str
    window: str
    watches: tuple[str, ...]
    silence: str
    tells: tuple[str, ...]
    runbook: str
    link: str


def alarm_rows(plan: Plan) -> tuple[AlarmRow, ...]:
    """List every alarm that stands after the change: those that wake somebody first, then by name."""
    rows = [_row(one) for one in plan.of_type(METRIC_ALARM, COMPOSITE_ALARM)]
    return tuple(sorted(rows, key=lambda row: (not row.tells, row.name, row.address)))


def _row(alarm: ResourceChange) -> AlarmRow:
    described = alarm.find("alarm_description")
    match = RUNBOOK.search(described) if isinstance(described, str) else None
    place = match["place"] if match else ""
    composite = alarm.type == COMPOSITE_ALARM
    return AlarmRow(
        alarm.address,
        shown(alarm.find("alarm_name")),
        shown(alarm.find("alarm_rule")) if composite else _fires(alarm),
        "" if composite else _window(alarm),
        () if composite else _watches(alarm),
        "" if composite else _text(alarm, "treat_missing_data", "missing (CloudWatch's default)"),
        _tells(alarm),
        place,
        _link(place),
    )


def _fires(alarm: ResourceChange) -> str:
    sign = _SIGNS.get(alarm.find("comparison_operator"), _text(alarm, "comparison_operator"))
    limit = _first(alarm.find("threshold_metric_id"), alarm.find("threshold"))
    limit = f"{limit:,.10g}" if isinstance(limit, int | float) and not isinstance(limit, bool) else shown(limit)
    return f"{_measure(alarm)} {sign} {limit}"


def _measure(alarm: ResourceChange) -> str:
    queries = alarm.find("metric_query")
    if isinstance(queries, list) and queries:
        return "; ".join(
            shown(_first(one.get("expression"), one.get("metric"))) for one in queries if isinstance(one, dict)
        )
    statistic = _first(alarm.find("statistic"), alarm.find("extended_statistic"))
    return f"{_text(alarm, 'metric_name')} {shown(_first(statistic, '?'))}"


def _window(alarm: ResourceChange) -> str:
    periods = alarm.find("evaluation_periods")
    needed = _first(alarm.find("datapoints_to_alarm"), periods)
    length = _first(alarm.find("period"), None)
    return f"{shown(needed)} of {shown(periods)} periods" + ("" if length is None else f" of {shown(length)} s")


def _first(value: object, otherwise: object) -> object:
    """Return a value that is set; a mark is, though it has no truth."""
    return otherwise if value is None or value == "" else value


def _watches(alarm: ResourceChange) -> tuple[str, ...]:
    dimensions = alarm.find("dimensions")
    if not isinstance(dimensions, dict):
        return (_text(alarm, "namespace"), *(() if dimensions is None else (shown(dimensions),)))
    return (_text(alarm, "namespace"), *(f"{name}: {shown(value)}" for name, value in sorted(dimensions.items())))


def _tells(alarm: ResourceChange) -> tuple[str, ...]:
    actions = alarm.find("alarm_actions")
    if alarm.find("actions_enabled") is False or actions in (None, []):
        return ()
    if not isinstance(actions, list):
        return (shown(actions),)
    return tuple(one.rsplit(":", 1)[-1] if isinstance(one, str) else shown(one) for one in actions)


def _link(place: str) -> str:
    if _WEB.fullmatch(place):
        return place
    return _UP + place if _FILE.fullmatch(place) and ".." not in place else ""


def _text(alarm: ResourceChange, path: str, otherwise: str = "?") -> str:
    return shown(_first(alarm.find(path), otherwise))
