"""Probe of gap_unreserved_minimum."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator, make_function

_LIMIT = 1000


def test_stock_still_lets_everything_be_reserved(stock: Emulator) -> None:
    make_function(stock, "greedy")
    functions = stock.client("lambda")
    reserved = functions.put_function_concurrency(FunctionName="greedy", ReservedConcurrentExecutions=_LIMIT)
    assert reserved["ReservedConcurrentExecutions"] == _LIMIT, "upstream refuses: delete gap_unreserved_minimum"
    functions.delete_function(FunctionName="greedy")


def test_a_hundred_executions_stay_unreserved(filled: Emulator) -> None:
    make_function(filled, "greedy")
    functions = filled.client("lambda")
    limits = functions.get_account_settings()["AccountLimit"]
    assert limits["ConcurrentExecutions"] == _LIMIT
    most = limits["UnreservedConcurrentExecutions"] - 100
    functions.put_function_concurrency(FunctionName="greedy", ReservedConcurrentExecutions=most)
    with pytest.raises(ClientError, match=r"below its minimum value of \[100\]"):
        functions.put_function_concurrency(FunctionName="greedy", ReservedConcurrentExecutions=most + 1)
    assert functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 100
    functions.delete_function(FunctionName="greedy")
