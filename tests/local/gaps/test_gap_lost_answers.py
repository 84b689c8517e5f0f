"""Probe of gap_lost_answers."""

from __future__ import annotations

import json
import uuid

from tests.local.gaps.conftest import Answer, Emulator, make_function


def _attempt(invocation: str, attempt: int) -> dict[str, str]:
    return {"amz-sdk-invocation-id": invocation, "amz-sdk-request": f"attempt={attempt}; max=3"}


def _create_alias(emulator: Emulator, function: str, alias: str, invocation: str, attempt: int) -> Answer:
    return emulator.signed(
        "lambda",
        f"/2015-03-31/functions/{function}/aliases",
        "POST",
        json.dumps({"Name": alias, "FunctionVersion": "1"}).encode(),
        **_attempt(invocation, attempt),
    )


def test_stock_still_carries_out_a_second_attempt(stock: Emulator) -> None:
    make_function(stock, "lost")
    call = str(uuid.uuid4())
    assert _create_alias(stock, "lost", "beta", call, 1).status == 201
    again = _create_alias(stock, "lost", "beta", call, 2).status
    assert again == 409, "upstream knows the second attempt of a call: delete gap_lost_answers"


def test_a_second_attempt_gets_the_answer_of_the_first(filled: Emulator) -> None:
    make_function(filled, "lost")
    call = str(uuid.uuid4())
    first = _create_alias(filled, "lost", "beta", call, 1)
    second = _create_alias(filled, "lost", "beta", call, 2)
    assert (first.status, second.status) == (201, 201)
    assert second.body == first.body
    assert second.headers["x-amzn-requestid"] == first.headers["x-amzn-requestid"]


def _name_key(emulator: Emulator, key: str, invocation: str, attempt: int) -> Answer:
    protocol = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.CreateAlias"}
    data = json.dumps({"AliasName": "alias/lost", "TargetKeyId": key}).encode()
    return emulator.signed("kms", "/", "POST", data, **protocol, **_attempt(invocation, attempt))


def test_so_does_one_of_a_service_that_is_told_by_its_signature(filled: Emulator) -> None:
    key = filled.client("kms").create_key()["KeyMetadata"]["KeyId"]
    call = str(uuid.uuid4())
    assert [_name_key(filled, key, call, attempt).status for attempt in (1, 2)] == [200, 200]
    assert _name_key(filled, key, str(uuid.uuid4()), 2).status == 400


def test_another_call_is_carried_out(filled: Emulator) -> None:
    make_function(filled, "other")
    call = str(uuid.uuid4())
    assert _create_alias(filled, "other", "beta", call, 1).status == 201
    assert _create_alias(filled, "other", "beta", str(uuid.uuid4()), 2).status == 409
    assert _create_alias(filled, "other", "beta", call, 1).status == 409


def test_a_refused_first_attempt_is_tried_again(filled: Emulator) -> None:
    call = str(uuid.uuid4())
    assert _create_alias(filled, "late", "beta", call, 1).status == 404
    make_function(filled, "late")
    assert _create_alias(filled, "late", "beta", call, 2).status == 201
