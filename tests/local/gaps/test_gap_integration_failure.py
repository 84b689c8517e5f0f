"""Probe of gap_integration_failure."""

from __future__ import annotations

import pytest
from tests.local.gaps.conftest import Emulator, Stack, make_stack


def test_stock_still_hands_out_the_functions_error(stock_stack: Stack) -> None:
    assert "secret detail" in stock_stack.get("fail").body, "upstream hides it: delete gap_integration_failure"


@pytest.mark.parametrize("kind", ["fail", "odd"])
def test_a_failed_function_is_a_502_without_detail(filled_stack: Stack, kind: str) -> None:
    answer = filled_stack.get(kind)
    assert answer.status == 502
    assert "Internal server error" in answer.body
    assert "secret detail" not in answer.body


def test_failure_and_throttle_go_through_the_gateway_responses_of_the_deployment(filled: Emulator) -> None:
    stack = make_stack(filled, "customised")
    gateway = filled.client("apigateway")
    for kind, status in (("DEFAULT_5XX", "599"), ("INTEGRATION_FAILURE", "503")):
        gateway.put_gateway_response(
            restApiId=stack.api_id,
            responseType=kind,
            statusCode=status,
            responseTemplates={"application/json": '{"code":"' + kind.lower() + '"}'},
        )
    assert stack.get("fail").status == 502  # not deployed yet
    stack.deploy()
    assert (stack.get("fail").status, stack.get("fail").body) == (599, '{"code":"default_5xx"}')
    filled.client("lambda").put_function_concurrency(FunctionName="customised", ReservedConcurrentExecutions=0)
    assert (stack.get().status, stack.get().body) == (503, '{"code":"integration_failure"}')
