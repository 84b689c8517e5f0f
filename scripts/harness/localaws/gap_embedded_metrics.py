"""Gap: metrics embedded in log lines.

Upstream: a function's log lines are stored; metrics in the embedded metric format stay text.

AWS: "Specification: Embedded metric format", Amazon CloudWatch User Guide: a log line that is a JSON object with
``_aws.CloudWatchMetrics`` becomes data points, one per metric and dimension set, values from the line's members.

Fill: the log lines of each execution are read as they are stored. Other writers of logs are not filled.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services import cloudwatch, lambda_svc

from harness.localaws.patching import wraps


@dataclass(frozen=True, slots=True)
class Datum:
    """One data point found in a log line."""

    namespace: str
    name: str
    value: float
    unit: str
    dimensions: tuple[tuple[str, str], ...]


def data_of(line: str) -> Iterator[Datum]:
    """Read the data points embedded in a log line; none in any other line."""
    if not line.startswith("{") or "CloudWatchMetrics" not in line:
        return
    try:
        record = json.loads(line)
    except ValueError:
        return
    for directive in (record.get("_aws") or {}).get("CloudWatchMetrics") or []:
        for keys in directive.get("Dimensions") or [[]]:
            dimensions = tuple((key, str(record[key])) for key in keys if key in record)
            yield from _of_directive(record, directive, dimensions)


def _of_directive(record: Any, directive: Any, dimensions: tuple[tuple[str, str], ...]) -> Iterator[Datum]:
    for metric in directive.get("Metrics") or []:
        values = record.get(metric["Name"])
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, (int, float)):
                unit = metric.get("Unit") or "None"
                yield Datum(directive["Namespace"], metric["Name"], float(value), unit, dimensions)


def install() -> None:
    """Patch the storing of a function's log."""

    @wraps(lambda_svc, "_emit_lambda_logs")
    def _emit_lambda_logs(emit: Any, record: Any, request_id: str, log: str, *rest: Any, **options: Any) -> None:
        emit(record, request_id, log, *rest, **options)
        for line in (log or "").splitlines():
            for datum in data_of(line.strip()):
                cloudwatch.record_metric(datum.namespace, datum.name, datum.value, datum.unit, dict(datum.dimensions))
