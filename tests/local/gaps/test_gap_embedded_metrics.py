"""Probe of gap_embedded_metrics."""

from __future__ import annotations

import pytest
from tests.local.gaps.conftest import Stack
from tests.local.gaps.test_gap_lambda_metrics import metric

from harness.localaws.gap_embedded_metrics import data_of


def test_stock_still_leaves_them_text(stock_stack: Stack) -> None:
    assert stock_stack.get("emitted").status == 200
    found = metric(stock_stack.emulator, "Embedded", "Done", service="emitted")
    assert found == {}, "upstream reads embedded metrics: delete gap_embedded_metrics"


def test_they_become_data_points(filled_stack: Stack) -> None:
    assert filled_stack.get("emitted").status == 200
    found = metric(filled_stack.emulator, "Embedded", "Done", service="emitted")
    assert (found["Sum"], found["SampleCount"]) == (3, 2)


@pytest.mark.parametrize("line", ["START", "{broken CloudWatchMetrics", '{"CloudWatchMetrics": 1}', '{"_aws": {}}'])
def test_other_lines_hold_none(line: str) -> None:
    assert list(data_of(line)) == []
