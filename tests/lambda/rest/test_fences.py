"""What the shared code may import, read from its source."""

from __future__ import annotations

import ast
from pathlib import Path

import rest.app
from harness.facts import service_names

HERE = Path(rest.app.__file__).parent
SOURCES = {path.stem: ast.parse(path.read_text("utf-8")) for path in HERE.glob("*.py")}
PURE = {"answers", "body", "budget", "contract", "event", "problems", "settings"}


def imports(tree: ast.AST) -> set[str]:
    """List modules that a source imports, also for type checkers alone; ``rest.x`` as ``x``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module == "rest"):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").removeprefix("rest."))
    return {name.split(".")[0] for name in found}


def test_it_knows_no_service_and_no_sdk() -> None:
    used = set().union(*map(imports, SOURCES.values()))
    assert {"json", "fastjsonschema"} <= used
    assert not used & {*service_names(), "boto3", "botocore", "harness", "tests"}


def test_all_but_the_app_is_pure() -> None:
    assert SOURCES.keys() == {*PURE, "app", "__init__"}
    assert all(imports(SOURCES[name]) & SOURCES.keys() <= PURE for name in PURE)
    for outer in ("aws_lambda_powertools", "os"):
        assert {name for name, tree in SOURCES.items() if outer in imports(tree)} == {"app"}
