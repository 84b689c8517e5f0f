"""Read what the rules know besides the plan: the reasons of the role, the figures of the service."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.rules.rule import Action, Grant, Sources

PERMISSIONS = Path("modules/function/permissions.yaml")
SETTINGS = Path("lambda/items/settings.py")
_ARITHMETIC = (
    ast.Expression,
    ast.BinOp,
    ast.UnaryOp,
    ast.operator,
    ast.unaryop,
    ast.Constant,
    ast.Name,
    ast.expr_context,
    ast.Call,
    ast.GeneratorExp,
    ast.comprehension,
)
_FUNCTIONS = {"max": max, "min": min, "range": range, "sum": sum}


class SourceError(HarnessError):
    """A file that the rules read is not as they expect."""


def read_sources(tree: Path = REPO) -> Sources:
    """Read the sources of a copy of the repository.

    Raises:
        SourceError: a file is missing or not as expected.
    """
    try:
        permissions, settings = (tree / PERMISSIONS).read_text(), (tree / SETTINGS).read_text()
    except OSError as error:
        raise SourceError(f"cannot read {error.filename}: {error.strerror}", "restore the file") from error
    return Sources(parse_permissions(permissions), parse_constants(settings))


@lru_cache(maxsize=8)
def parse_permissions(text: str) -> tuple[Grant, ...]:
    """The statements of permissions.yaml.

    Raises:
        SourceError: a key is missing, or a reason is empty.
    """
    try:
        return tuple(map(_grant, yaml.safe_load(text)["statements"]))
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise SourceError(f"{PERMISSIONS}: {error!r}", "write it as its head says") from error


def _grant(statement: Mapping[str, object]) -> Grant:
    sid, reason, listed = str(statement["sid"]), str(statement["reason"]), statement["actions"]
    if not isinstance(listed, list) or not listed or not reason.strip():
        raise SourceError(f"{PERMISSIONS}: {sid} has no reason or no actions", "give both")
    actions = tuple(map(_action, listed))
    for action in actions:
        if not action.why.strip() or not action.drop.strip():
            raise SourceError(f"{PERMISSIONS}: {action.name} has no reason", "say why, and what it takes to drop it")
    through = statement.get("through") or ()
    if not isinstance(through, list | tuple):
        raise SourceError(f"{PERMISSIONS}: {sid}: through is not a list", "list the services")
    return Grant(sid, str(statement["resource"]), reason, str(statement["when"]), actions, tuple(map(str, through)))


def _action(listed: Mapping[str, object]) -> Action:
    calls = listed.get("calls") or ()
    if not isinstance(calls, list | tuple):
        raise SourceError(f"{PERMISSIONS}: {listed['name']}: calls is not a list", "list the operations")
    required = listed["required"] is True
    return Action(str(listed["name"]), str(listed["why"]), str(listed["drop"]), required, tuple(map(str, calls)))


@lru_cache(maxsize=8)
def parse_constants(text: str) -> dict[str, float]:
    """Numbers that a Python file assigns at top level, without running it: plain arithmetic over earlier ones."""
    found: dict[str, float] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            value = _number(node.value, found)
            if value is not None:
                found[node.target.id] = value
    return found


def _number(node: ast.expr, names: Mapping[str, float]) -> float | None:
    """The value of an arithmetic expression, or ``None`` for any other."""
    if not all(isinstance(part, _ARITHMETIC) for part in ast.walk(node)):
        return None
    expression = compile(ast.Expression(node), str(SETTINGS), "eval")
    try:
        # Only operators, numbers, earlier numbers and four builtins can be in it: nothing to call, nothing to read.
        value = eval(expression, {"__builtins__": {}, **_FUNCTIONS, **names})  # noqa: S307
    except (NameError, TypeError, ValueError, ArithmeticError) as error:
        raise SourceError(f"{SETTINGS}: line {node.lineno}: {error}", "keep the constants plain arithmetic") from error
    return value if isinstance(value, int | float) else None
