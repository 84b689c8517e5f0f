"""What the code may import and call, read from its source."""

from __future__ import annotations

import ast
from pathlib import Path

from items import contract

HERE = Path(contract.__file__).parent
SOURCES = {path.stem: ast.parse(path.read_text("utf-8")) for path in HERE.glob("*.py")}
AWS = {"boto3", "botocore"}
PURE = {"body", "budget", "contract", "cursor", "event", "logic", "model", "problems", "records", "settings"}


def imports(tree: ast.AST) -> set[str]:
    """Modules a source imports at run time, ``items.x`` as ``x``; what only type checkers see does not count."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module == "items"):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").removeprefix("items."))
    return {name.split(".")[0] for name in found}


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
    ours = {name: imports(SOURCES[name]) & set(SOURCES) for name in PURE}
    assert all(used <= PURE for used in ours.values()), ours


def test_only_the_handler_knows_about_events_and_powertools() -> None:
    assert {name for name, tree in SOURCES.items() if "aws_lambda_powertools" in imports(tree)} == {"handler"}
    # The contract and the body know what the gateway hands over, not how.
    assert {name for name, tree in SOURCES.items() if "event" in imports(tree)} == {"handler", "contract", "body"}
