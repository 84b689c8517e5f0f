"""Probe of gap_gateway_metrics."""

from __future__ import annotations

import pytest
from tests.local.gaps.conftest import Emulator, make_stack
from tests.local.gaps.test_gap_lambda_metrics import metric

_NAMESPACE = "AWS/ApiGateway"


def test_stock_still_emits_none(stock: Emulator) -> None:
    stack = make_stack(stock, "measured")
    assert stack.get().status == 200
    found = metric(stock, _NAMESPACE, "Count", ApiName="measured", Stage="v1")
    assert found == {}, "upstream emits API Gateway metrics: delete gap_gateway_metrics"


def test_every_answer_is_counted_by_api_name_and_stage(filled: Emulator) -> None:
    stack = make_stack(filled, "measured")
    path = f"/restapis/{stack.api_id}/v1/_user_request_/nowhere"
    statuses = [stack.get("ok").status, stack.get("fail").status, filled.http(path).status, filled.http(path).status]
    assert statuses == [200, 502, 403, 403]
    for dimensions in ({"ApiName": "measured", "Stage": "v1"}, {"ApiName": "measured"}):
        assert metric(filled, _NAMESPACE, "Count", **dimensions)["Sum"] == 4
        assert metric(filled, _NAMESPACE, "4XXError", **dimensions)["Average"] == pytest.approx(0.5)
        assert metric(filled, _NAMESPACE, "5XXError", **dimensions)["Average"] == pytest.approx(0.25)
        assert metric(filled, _NAMESPACE, "Latency", **dimensions)["SampleCount"] == 4
        assert metric(filled, _NAMESPACE, "IntegrationLatency", **dimensions)["SampleCount"] == 2
