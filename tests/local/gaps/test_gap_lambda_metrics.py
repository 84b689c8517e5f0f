"""Probe of gap_lambda_metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.local.gaps.conftest import Emulator, make_stack


def metric(emulator: Emulator, namespace: str, name: str, **dimensions: str) -> dict[str, Any]:
    """Statistics of the last minutes of one metric with exactly these dimensions; {} when there is no data."""
    now = datetime.now(UTC)
    points = emulator.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum", "SampleCount", "Maximum", "Average"],
    )["Datapoints"]
    total = {key: sum(point[key] for point in points) for key in ("Sum", "SampleCount")}
    return {**points[0], **total} if points else {}


def test_stock_still_counts_nothing_called_through_an_api(stock: Emulator) -> None:
    stack = make_stack(stock, "counted")
    assert stack.get().status == 200
    found = metric(stock, "AWS/Lambda", "Invocations", FunctionName="counted")
    assert found == {}, "upstream counts calls through an API: delete gap_lambda_metrics"


def test_calls_errors_and_durations_are_counted_per_dimension_set(filled: Emulator) -> None:
    stack = make_stack(filled, "counted")
    assert [stack.get(kind).status for kind in ("ok", "fail", "ok")] == [200, 502, 200]
    whole = {"FunctionName": "counted"}
    through_alias = {**whole, "Resource": "counted:live"}
    for dimensions in (whole, through_alias, {**through_alias, "ExecutedVersion": "1"}):
        assert metric(filled, "AWS/Lambda", "Invocations", **dimensions)["Sum"] == 3
        assert metric(filled, "AWS/Lambda", "Errors", **dimensions)["Sum"] == 1
        assert metric(filled, "AWS/Lambda", "Throttles", **dimensions)["Sum"] == 0
        assert metric(filled, "AWS/Lambda", "Duration", **dimensions)["SampleCount"] == 3
    assert metric(filled, "AWS/Lambda", "ConcurrentExecutions", **whole)["Maximum"] == 1


def test_a_throttled_call_is_a_throttle_and_no_invocation(filled: Emulator) -> None:
    stack = make_stack(filled, "switched-off")
    filled.client("lambda").put_function_concurrency(FunctionName="switched-off", ReservedConcurrentExecutions=0)
    assert stack.get().status == 500
    assert metric(filled, "AWS/Lambda", "Throttles", FunctionName="switched-off")["Sum"] == 1
    assert metric(filled, "AWS/Lambda", "Invocations", FunctionName="switched-off") == {}
