"""Imports and calls that the code may have, read from its source."""

from __future__ import annotations

import ast
from functools import partial
from pathlib import Path

from tests.support.imports import imports as read_imports

from items import logic

HERE = Path(logic.__file__).parent
SOURCES = {path.stem: ast.parse(path.read_text("utf-8")) for path in HERE.glob("*.py")}
AWS = {"boto3", "botocore"}
PURE = {"cursor", "logic", "model", "problems", "records", "settings"}
imports = partial(read_imports, package="items")


def test_only_the_store_talks_to_aws() -> None:
    assert {name for name, tree in SOURCES.items() if imports(tree) & AWS} == {"store"}


def test_the_store_calls_these_operations_and_no_other() -> None:
    calls = {
        node.attr
        for node in ast.walk(SOURCES["store"])
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "_client"
    }
    assert calls == {"batch_get_item", "get_item", "put_item", "query", "transact_write_items"}
    assert "resource(" not in (HERE / "store.py").read_text("utf-8")


def test_pure_modules_import_only_pure_ones() -> None:
    shared = {"rest.problems", "rest.settings"}
    ours = {name: {one for one in imports(SOURCES[name]) if one in SOURCES or one.startswith("rest")} for name in PURE}
    assert all(used <= PURE | shared for used in ours.values()), ours


def test_only_the_handler_knows_about_events_and_answers() -> None:
    outer = {"rest.app", "rest.answers"}
    assert {name for name, tree in SOURCES.items() if imports(tree) & outer} == {"handler"}
    assert not [name for name, tree in SOURCES.items() if imports(tree) & {"aws_lambda_powertools", "rest.event"}]
