"""Imports of a package's modules, read from their source."""

from __future__ import annotations

import ast


def imports(tree: ast.AST, package: str) -> set[str]:
    """List modules that a source imports, also for type checkers alone: its package's as ``x``, others as ``rest.x``.

    Args:
        package: that the source is part of.
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module == package):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").removeprefix(f"{package}."))
    return {name if name.startswith("rest.") else name.split(".")[0] for name in found}
