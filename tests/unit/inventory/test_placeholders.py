"""Inventories hold placeholders where the product's name would stand, also after they were rewritten."""

from __future__ import annotations

import pytest

from harness.facts import Blueprint, Environment
from harness.inventory.expect import Operator
from harness.inventory.placeholders import Placeholders

BOTH = {"live": Environment(), "calm": Environment()}
WORDS = Placeholders(Blueprint("web-shop", "shop", "eu-north-1", BOTH), "live")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("shop-orders-live", "$PREFIX-orders-$SUFFIX"),
        ("/aws/apigateway/shop-live", "/aws/apigateway/$PREFIX-$SUFFIX"),
        ("lambda:eu-north-1:0:function:shop-orders-live:live", "lambda:$REGION:0:function:$PREFIX-orders-$SUFFIX:live"),
        ("arn:aws:iam::0:role/shop-orders-*", "arn:aws:iam::0:role/$PREFIX-orders-*"),
        ("shop-*", "$PREFIX-*"),
        ("s3:::shop-terraform-state-000000000000/live/*", "s3:::$PREFIX-terraform-state-000000000000/live/*"),
        ("alias/shop-calm", "alias/$PREFIX-calm"),
        ("policy/shop-boundary-calm", "policy/$PREFIX-boundary-calm"),
        ("web-shop", "$PROJECT"),
        ("live", "live"),
        ("shop", "shop"),
        ("workshop-orders-live", "workshop-orders-live"),
        ("shop-orders-lively", "shop-orders-lively"),
    ],
)  # fmt: skip
def test_names_are_blanked_and_other_words_are_not(value: str, written: str) -> None:
    assert WORDS.blank(value) == written
    assert WORDS.fill(written) == value


def test_what_still_holds_stays_as_it_was_written() -> None:
    old = {"a": "live", "b": [{"c": "$PREFIX-x-$SUFFIX"}, "y"], "gone": 1, "o": Operator("json", {"n": "$PROJECT"})}
    new = {"a": "live", "b": [{"c": "shop-x-live"}, "shop-y-live"], "o": Operator("json", {"n": "web-shop", "m": 1})}
    assert WORDS.restored(old, new) == {
        "a": "live",
        "b": [{"c": "$PREFIX-x-$SUFFIX"}, "$PREFIX-y-$SUFFIX"],
        "o": Operator("json", {"n": "$PROJECT", "m": 1}),
    }


def test_other_dollars_are_left_alone() -> None:
    assert (
        WORDS.fill("$context.requestId ${aws:username} $SUFFIXES $PREFIX")
        == "$context.requestId ${aws:username} $SUFFIXES shop"
    )
