"""Tests of the product as it is called take its names from ``blueprint.yaml``: a rename changes that file alone.

Unit tests, of code that serves any product, make up names of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from harness.base.paths import REPO
from harness.facts import Blueprint, Environment, read_blueprint, read_services

PLACES = ("tests/envs", "tests/lambda", "tests/local")
# Things that a root names besides services and tables.
THINGS = ("alarms", "ci", "terraform-state", "usage")


def literal(product: Blueprint, things: Iterable[str]) -> re.Pattern[str]:
    """Match the project, as it is or in one word, and names that begin with the prefix."""
    parts = re.split(r"[._-]", product.project)
    projects = "|".join(map(re.escape, (product.project, "".join(part.title() for part in parts))))
    named = "|".join(map(re.escape, (*things, *THINGS)))
    suffixes = "|".join(map(re.escape, product.environments))
    names = rf"{re.escape(product.prefix)}-(?:(?:{named})|(?:[a-z0-9-]+-)?(?:{suffixes}))"
    return re.compile(rf"(?<![\w.-])(?:{projects}|{names})(?![\w.])")


def files() -> list[Path]:
    found = (path for place in PLACES for path in (REPO / place).rglob("*"))
    return sorted(path for path in found if path.suffix in (".py", ".yaml", ".tf"))


def test_no_test_of_the_product_says_what_it_is_called() -> None:
    services = read_services()
    things = {*services, *(table for service in services.values() for table in service.tables)}
    pattern, left = literal(read_blueprint(), things), []
    assert len(files()) > 50
    for path in files():
        lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        left += [f"{path.relative_to(REPO)}:{number}: {line.strip()}" for number, line in lines if pattern.search(line)]
    assert left == []


SHOP = literal(Blueprint("web.shop", "shop", "eu-west-1", {"live": Environment()}), ["orders"])


@pytest.mark.parametrize(
    "line",
    [
        'TABLE = "shop-orders-live"',
        'f"shop-orders-{suffix}"',
        '"shop-live"',
        'topic.endswith(":shop-alarms-live")',
        '"shop-lambda-errors-live"',
        'BUCKET = "shop-terraform-state-000000000000"',
        '{"Key": "Project", "Value": "web.shop"}',
        'namespace = "WebShop"',
        '"/aws/apigateway/shop-live"',
    ],
)
def test_a_name_of_the_product_is_seen(line: str) -> None:
    assert SHOP.search(line)


@pytest.mark.parametrize("line", ['"x-shop-orders"', "shop-like", "a workshop-orders", '"shop-4xx-rate"', "shop"])
def test_other_words_are_none(line: str) -> None:
    assert not SHOP.search(line)
