"""A state that cannot be the stack's is told: gone, begun anew, older, or with names of another stack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.base import paths
from harness.base.errors import HarnessError
from harness.base.paths import ACCOUNT, Stack, Target
from harness.terraform.known_state import accept_state, forget_state, seen_lineage

PREFIX, BUCKET = "shop", "shop-states"


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    return Stack("staging", "copy", Target.LOCAL)


def state(*names: str, lineage: str = "one", serial: int = 5, kind: str = "aws_sns_topic") -> dict[str, Any]:
    """A state with a resource for each name."""
    attribute = "function_name" if kind == "aws_lambda_function" else "name"
    instances = [{"attributes": {attribute: name}} for name in names]
    held = [{"mode": "managed", "type": kind, "name": "this", "instances": instances}] if names else []
    return {"version": 4, "lineage": lineage, "serial": serial, "resources": held, "outputs": {}}


def refusal(stack: Stack, document: Mapping[str, Any] | None) -> str:
    with pytest.raises(HarnessError) as raised:
        accept_state(stack, PREFIX, BUCKET, document)
    return str(raised.value.printed)


def test_the_same_state_and_later_ones_are_taken(stack: Stack) -> None:
    for serial in (5, 5, 6, 9):
        accept_state(stack, PREFIX, BUCKET, state("shop-told-copy", serial=serial))


def test_before_anything_was_read_no_state_is_none(stack: Stack) -> None:
    accept_state(stack, PREFIX, BUCKET, None)
    assert not stack.seen_state.exists()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "is gone (serial 5, 1 resources, when it was last read here)"),
        (state(lineage="two", serial=1), "is another one, begun anew as serial 1 (serial 5"),
        (state("shop-told-copy", lineage="two", serial=7), "is another one, begun anew as serial 7 (serial 5"),
        (state("shop-told-copy", serial=4), "is an older one, serial 4 (serial 5"),
    ],
    ids=["gone", "empty", "another", "older"],
)
def test_another_state_in_its_place_is_refused_until_it_is_said_to_be_right(
    stack: Stack, document: Mapping[str, Any] | None, said: str
) -> None:
    accept_state(stack, PREFIX, BUCKET, state("shop-told-copy"))
    for _ in range(2):  # a refusal changes nothing in what is remembered
        printed = refusal(stack, document)
        assert f"the state staging/copy/terraform.tfstate {said}" in printed
        assert "make restore ENV=staging SUFFIX=copy WHAT=state brings the last one back" in printed
        assert f"delete {stack.seen_state}" in printed
    forget_state(stack)
    accept_state(stack, PREFIX, BUCKET, document)


def test_of_another_product_or_account_nothing_is_known(stack: Stack) -> None:
    """A rename of the product is another bucket, with nothing in it yet."""
    accept_state(stack, PREFIX, BUCKET, state("shop-told-copy"))
    accept_state(stack, "other", "other-states", None)
    accept_state(stack, "other", "other-states", state("other-told-copy", lineage="two", serial=1))
    assert seen_lineage(stack, "other-states") == "two"
    assert seen_lineage(stack, BUCKET) == ""


def test_after_everything_was_destroyed_another_may_begin(stack: Stack) -> None:
    accept_state(stack, PREFIX, BUCKET, state(serial=8))
    accept_state(stack, PREFIX, BUCKET, None)
    accept_state(stack, PREFIX, BUCKET, state("shop-told-copy", lineage="two", serial=1))


@pytest.mark.parametrize("kind", ["aws_sns_topic", "aws_lambda_function", "aws_dynamodb_table"])
def test_names_of_another_suffix_are_another_stacks(stack: Stack, kind: str) -> None:
    printed = refusal(stack, state("shop-told-copy", "shop-told-other", kind=kind))
    assert f"its {kind} is called shop-told-other, and names here end with -copy" in printed
    assert not stack.seen_state.exists()


def test_names_that_are_not_the_products_say_nothing(stack: Stack) -> None:
    accept_state(stack, PREFIX, BUCKET, state("/aws/lambda/other", "old-told-other"))
    accept_state(stack, PREFIX, BUCKET, state("shop-told-other", kind="aws_unknown_thing"))


def test_the_accounts_own_state_has_names_without_a_suffix(stack: Stack) -> None:
    accept_state(Stack(ACCOUNT, ACCOUNT, Target.LOCAL), PREFIX, BUCKET, state("shop-states"))


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"\xff", b'{"lineage": 1, "serial": "x", "resources": null}'])
def test_a_damaged_memory_is_none(stack: Stack, damage: bytes) -> None:
    accept_state(stack, PREFIX, BUCKET, state("shop-told-copy"))
    stack.seen_state.write_bytes(damage)
    accept_state(stack, PREFIX, BUCKET, state("shop-told-copy", serial=2))
    assert "older" in refusal(stack, state("shop-told-copy", serial=1))


def test_an_api_tells_a_suffix_from_one_that_ends_with_it(stack: Stack) -> None:
    api = "aws_api_gateway_rest_api"
    own, longer = state("shop-copy", "shop-more-copy", kind=api), state("shop-my-copy", kind=api)
    assert refusal(stack, longer).startswith(
        f"error: the state staging/copy/terraform.tfstate is that of another stack: its {api} is called shop-my-copy, "
        "and here it is shop-copy"
    )
    accept_state(stack, PREFIX, BUCKET, own)
