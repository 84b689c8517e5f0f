"""A variable that service.yaml maps to a resource names one that is there, and that the function may use."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from tests.support.builder import plan
from tests.support.pairs import GRANTS, LAX, SOURCES, SUFFIX
from tests.unit.rules.pairs.blocks import CARTS, LETTERS, SHOP

from harness.rules import Sources, evaluate


def sources(symbol: str, *granted: str) -> Sources:
    """Facts in which the service shop has one variable, and these grants of it and the other service."""
    statements = tuple(one for each in GRANTS.values() for one in each if one.resource in granted)
    shop = msgspec.structs.replace(SOURCES.services["shop"], environment={"NAME": symbol}, metrics={})
    return replace(SOURCES, services={**SOURCES.services, "shop": shop}, grants={**GRANTS, "shop": statements})


def said(symbol: str, value: str, *granted: str) -> list[str]:
    function = SHOP.but(environment=[{"variables": {"ENVIRONMENT": LAX, "NAME": value}}])
    judged = plan(CARTS, LETTERS, function)
    report = evaluate(judged, environment=LAX, suffix=SUFFIX, sources=sources(symbol, *granted))
    return [one.message for one in report.findings if one.check == "table-wiring"]


def test_a_table_that_the_function_may_not_touch_is_found() -> None:
    assert said("table:letters", "api-letters-copy", "table:letters") == []
    (message,) = said("table:letters", "api-letters-copy", "table:carts")
    assert message == "NAME names table:letters, on which no permissions.yaml lets it do anything"


def test_a_grant_on_an_index_is_one_on_its_table() -> None:
    assert said("table:carts", "api-carts-copy", "index:carts/by-x") == []


@pytest.mark.parametrize("value", ["by-y", "api-carts/by-x-copy"])
def test_an_index_is_called_as_its_table_calls_it(value: str) -> None:
    assert said("index:carts/by-x", "by-x", "index:carts/by-x") == []
    assert said("index:carts/by-x", value, "index:carts/by-x") == [
        f"NAME is {value}, which is no index carts/by-x of this plan"
    ]
