"""Hold a service's functions to its contract, before anything is deployed: what its App refuses at a cold start."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from harness.base.errors import HarnessError
from harness.contract.grammar import operations
from harness.facts.service import SERVICES

_APP = "rest.app"


def require_answers(service: str, code: Mapping[str, bytes], contract: Mapping[str, Any]) -> None:
    """Refuse a service on ``rest.app`` that does not answer each operation of its contract once.

    Args:
        service: name of the service.
        code: its Python files, by their path in its folder.
        contract: its canonical contract.

    Raises:
        HarnessError: an operation has no function or two, or a function names no operation; names every one.
    """
    trees = {file: ast.parse(text) for file, text in code.items()}
    if not any(_uses_app(node) for tree in trees.values() for node in ast.walk(tree)):
        return
    wanted = {str(operation["operationId"]) for _, operation in operations(contract)}
    answered = [(f"{SERVICES / service / file}:{line}", name) for file in trees for line, name in _answers(trees[file])]
    wrong, seen = list[str](), set[str]()
    for place, name in answered:
        if name not in wanted or name in seen:
            again = "answers it again" if name in seen else "names no operation of the contract"
            wrong.append(f"{place}: answers({name!r}) {again}" if name else f"{place}: answers() takes an id in quotes")
        seen.add(name)
    if left := sorted(wanted - seen):
        wrong.append(f"{SERVICES / service}: no function answers {', '.join(left)}")
    if wrong:
        raise HarnessError("; ".join(wrong), 'write one function under @app.answers("ID") for each operationId')


def _uses_app(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return f"{node.module}.".startswith(f"{_APP}.") or (
            node.module == "rest" and any(alias.name == "app" for alias in node.names)
        )
    return isinstance(node, ast.Import) and any(alias.name == _APP for alias in node.names)


def _answers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """List line and operation of every ``answers("ID")``; no operation where it is not written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "answers":
            first = node.args[0] if node.args else None
            text = first.value if isinstance(first, ast.Constant) else None
            yield node.lineno, text if isinstance(text, str) else ""
