"""Probe of gap_reserved_concurrency."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator, Stack, make_stack


def _invoke(functions: Any, qualifier: str) -> str:
    payload = json.dumps({"pathParameters": {"kind": "slow"}})
    try:
        functions.invoke(FunctionName="reserved", Qualifier=qualifier, Payload=payload)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def _outcomes(emulator: Emulator, qualifier: str) -> list[str]:
    functions = emulator.client("lambda")
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(_invoke, [functions] * 4, [qualifier] * 4))


def _reserved(emulator: Emulator) -> Stack:
    stack = make_stack(emulator, "reserved")
    emulator.client("lambda").put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=2)
    return stack


def test_stock_still_ignores_the_reservation_through_an_alias(stock: Emulator) -> None:
    _reserved(stock)
    assert set(_outcomes(stock, "live")) == {"done"}, "upstream throttles aliases: delete gap_reserved_concurrency"


def test_alias_and_latest_share_one_reservation(filled: Emulator) -> None:
    stack = _reserved(filled)
    for qualifier in ("live", "$LATEST"):
        assert sorted(_outcomes(filled, qualifier)) == ["TooManyRequestsException"] * 2 + ["done"] * 2
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(stack.get, ["slow"] * 4))
    assert sorted(answer.status for answer in answers) == [200, 200, 500, 500]
