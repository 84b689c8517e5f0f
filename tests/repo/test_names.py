"""Code that serves any product names no service and no environment: those stand in ``blueprint.yaml`` and ``lambda/``.

An environment's name is looked for as a word. A service's may be an ordinary word of the code (``items``), and so may
an environment's (``live``): those are looked for where only a name can stand, in paths, routes, addresses and settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from harness.base.paths import REPO
from harness.facts import read_blueprint, service_names, shared_packages

pytestmark = pytest.mark.example

SHARED = tuple(f"lambda/{name}" for name in shared_packages())
PLACES = ("scripts", "modules", "tests/support", *SHARED, *(f"tests/{place}" for place in SHARED))
# Words that the code itself has a use for: as names of environments they are sought in their places alone.
ORDINARY = frozenset(
    {"account", "aws", "check", "live", "local", "main", "plan", "release", "service", "shared", "stage", "test"}
)


def service_rule(name: str, prefix: str) -> re.Pattern[str]:
    """Match what can only mean a service: its folder, package, zip, route, names in AWS and addresses in Terraform."""
    places = (
        rf"\blambda[/.]{name}\b",
        rf"^\s*(?:from|import) {name}\b",
        rf"\b{name}\.(?:zip|json|handler)\b",
        rf"\b{name}/\w+\.(?:py|json|yaml)\b",
        rf"(?<![\w.)\]-])/{name}(?![\w-])",
        rf"\b{prefix}-{name}\b",
        rf"\bmodule\.\w+\[\\?[\"']{name}\b",
        rf"\btable:{name}\b",
        rf"\b{name} (?:service|API)\b",
        rf"\bservice(?:_name)? *[!=]?= *[\"']{name}[\"']",
        rf"[\"']lambda[\"'] */ *[\"']{name}[\"']",
    )
    return re.compile("|".join(places), re.MULTILINE)


def environment_rule(name: str, prefix: str) -> re.Pattern[str]:
    """Match an environment's name as a word; an ordinary word only in paths, settings, names and comparisons."""
    places = [
        rf"\benvs/{name}\b",
        rf"\b(?:ENV|CONFIRM|SUFFIX)=[\"']?{name}\b",
        rf"\b{prefix}-(?:[a-z0-9-]+-)?{name}(?![\w-])",
        rf"environment(?:_name)? *[!=]?= *[\"']{name}[\"']",
        rf"[\"']envs[\"'] */ *[\"']{name}[\"']",
    ]
    if name not in ORDINARY:
        places.append(rf"(?<![A-Za-z0-9_/.]){name}(?![A-Za-z0-9_])")
    return re.compile("|".join(places))


def rules() -> list[re.Pattern[str]]:
    """Return the rules that generic code is held to, one for every name of this repository."""
    known = read_blueprint()
    services = [service_rule(name, known.prefix) for name in service_names()]
    return services + [environment_rule(name, known.prefix) for name in known.environments]


def named(text: str, patterns: Iterable[re.Pattern[str]]) -> Iterator[str]:
    """List places of names in a text, as ``line: the line``."""
    for number, line in enumerate(text.splitlines(), 1):
        if any(pattern.search(line) for pattern in patterns):
            yield f"{number}: {line.strip()}"


def files() -> list[Path]:
    """List files of the generic code."""
    found = (path for place in PLACES for path in (REPO / place).rglob("*"))
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def test_generic_code_names_no_service_and_no_environment() -> None:
    left, patterns = [], rules()
    for path in files():
        place = path.relative_to(REPO).as_posix()
        left += [f"{place}: its own name" for pattern in patterns if pattern.search(place)]
        left += [f"{place}:{found}" for found in named(path.read_text(encoding="utf-8"), patterns)]
    assert left == [], f"{len(left)} names are left"


def test_something_is_looked_through() -> None:
    suffixes = {path.suffix for path in files()}
    assert {".py", ".tf", ".yaml", ".md"} <= suffixes
    assert len(files()) > 100


@pytest.mark.parametrize(
    "line",
    [
        'source = REPO / "lambda/orders"',
        "from orders.settings import load",
        "    import orders.store",
        'ZIP = "build/bundle/orders.zip"',
        "handler: orders.handler.handler",
        'bundle.writestr("orders/handler.py", "")',
        'api.call("GET", "/orders")',
        'f"{url}/orders?limit=5"',
        "curl -X POST /orders",
        'name = "shop-orders-calm"',
        'module.function["orders"].aws_lambda_function.this',
        "resource: table:orders",
        "the orders service",
        'if service == "orders":',
        'REPO / "lambda" / "orders"',
    ],
)
def test_a_services_name_is_seen(line: str) -> None:
    assert list(named(line, [service_rule("orders", "shop")]))


@pytest.mark.parametrize(
    "line",
    [
        "for name, value in orders.items():",
        'schema["orders"]',
        '"orders": {"type": "array"}',
        "orders = read(orders)",
        "reorders/handler.py",
        "/orders-by-day",
        "from preorders import x",
    ],
)
def test_an_ordinary_word_that_a_service_is_called_by_is_none(line: str) -> None:
    assert list(named(line, [service_rule("orders", "shop")])) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("staging", 'if environment == "staging":'),
        ("staging", "Compare it with staging, too."),
        ("staging", 'TRAFFIC = {"staging": 1}'),
        ("staging", "make up ENV=staging"),
        ("staging", 'plans.environment("staging")'),
        ("staging", "lambda-errors-staging"),
        ("live", 'if stack.environment == "live":'),
        ("live", 'root = REPO / "envs/live"'),
        ("live", 'root = REPO / "envs" / "live"'),
        ("live", "make apply ENV=live CONFIRM=live"),
        ("live", 'topic = "shop-alarms-live"'),
    ],
)
def test_an_environments_name_is_seen(name: str, line: str) -> None:
    assert list(named(line, [environment_rule(name, "shop")]))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("dev", 'open("/dev/null")'),
        ("dev", "a developer's device"),
        ("prod", "the product of both"),
        ("live", 'alias = "live"'),
        ("live", "the version that is live"),
        ("test", "def test_it(): a test"),
    ],
)
def test_other_words_are_no_environment(name: str, line: str) -> None:
    assert list(named(line, [environment_rule(name, "shop")])) == []
