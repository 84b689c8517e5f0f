"""Imports that the shared code may have, read from its source."""

from __future__ import annotations

import ast
from functools import partial
from pathlib import Path

from tests.support.imports import imports as read_imports

import rest.app
from harness.facts import service_names

HERE = Path(rest.app.__file__).parent
SOURCES = {path.stem: ast.parse(path.read_text("utf-8")) for path in HERE.glob("*.py")}
PURE = {"answers", "body", "budget", "contract", "event", "problems", "settings"}
imports = partial(read_imports, package="rest")


def test_it_knows_no_service_and_no_sdk() -> None:
    used = set().union(*map(imports, SOURCES.values()))
    assert {"json", "fastjsonschema"} <= used
    assert not used & {*service_names(), "boto3", "botocore", "harness", "tests"}


def test_all_but_the_app_is_pure() -> None:
    assert SOURCES.keys() == {*PURE, "app", "__init__"}
    assert all(imports(SOURCES[name]) & SOURCES.keys() <= PURE for name in PURE)
    for outer in ("aws_lambda_powertools", "os"):
        assert {name for name, tree in SOURCES.items() if outer in imports(tree)} == {"app"}
