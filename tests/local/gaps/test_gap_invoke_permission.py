"""Probe of gap_invoke_permission."""

from __future__ import annotations

import pytest
from tests.local.gaps.conftest import Emulator, make_stack, permit


def test_stock_still_calls_without_permission(stock: Emulator) -> None:
    stack = make_stack(stock, "open", permitted=False)
    assert stack.get().status == 200, "upstream asks the function's policy: delete gap_invoke_permission"


def test_without_permission_the_call_fails(filled: Emulator) -> None:
    stack = make_stack(filled, "closed", permitted=False)
    assert stack.get().status == 500
    permit(filled, "closed", stack.api_id)
    assert stack.get().status == 200


def test_a_permission_for_the_whole_stage_serves_every_route(filled: Emulator) -> None:
    stack = make_stack(filled, "stage-wide", permitted=False)
    permit(filled, "stage-wide", stack.api_id, "v1/*/*")
    assert stack.get().status == 200


@pytest.mark.parametrize("path", ["v1/POST/do/*", "v2/GET/do/*", "v1/GET/other", "v2/*/*"])
def test_a_permission_for_something_else_does_not_help(filled: Emulator, path: str) -> None:
    name = "closed-" + path.replace("/", "-").replace("*", "all")
    stack = make_stack(filled, name, permitted=False)
    permit(filled, name, stack.api_id, path)
    assert stack.get().status == 500


def test_a_permission_without_the_alias_does_not_help(filled: Emulator) -> None:
    stack = make_stack(filled, "unqualified", permitted=False)
    filled.client("lambda").add_permission(
        FunctionName="unqualified",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    assert stack.get().status == 500
