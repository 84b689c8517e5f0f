"""A service's handler, read with Python's own parser: where a function more goes, and which imports it lacks."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from harness.scaffold.new_service import TEMPLATES, filled
from harness.scaffold.tree_edits import Lines, ScaffoldError

_IMPORTS = {
    "Answer": "rest.answers",
    "Request": "rest.app",
    "json_answer": "rest.answers",
    "text_answer": "rest.answers",
}
_REMEDY = "write the function by hand, as docs/architecture.md says"


def with_function(place: Path, text: str, body: str, words: Mapping[str, str]) -> str:
    """Return a handler with a function that answers an operation, behind the last one that does so.

    Args:
        body: what the function does, as lines of Python.
        words: ``__operation__``, ``__function__`` and ``__route__``.

    Raises:
        ScaffoldError: it is no Python, has no functions under ``@app.answers``, or the function's name is taken.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ScaffoldError(f"{place}:{error.lineno} is no Python: {error.msg}", "mend it") from error
    answering = [(node, app) for node in tree.body if isinstance(node, ast.FunctionDef) and (app := _app(node))]
    if not answering:
        raise ScaffoldError(f"{place} has no function under @app.answers", _REMEDY)
    if words["__function__"] in {name for node in tree.body for name in _named(node)}:
        raise ScaffoldError(f"{place} has {words['__function__']} already", "rename it, and try again")
    last, app = answering[-1]
    request = "request" if "request." in body else "_"
    template = (TEMPLATES / "route" / "function.py.txt").read_text(encoding="utf-8")
    function = filled(template, {"__app__": app, "__body__": body, "__request__": request, **words})
    lines = Lines(place, text)
    end = last.end_lineno or last.lineno
    return _with_imports(lines.replace(end, end, function.splitlines()), tree, body).text


def _app(node: ast.FunctionDef) -> str:
    """Return the name of the app whose decorator a function has; empty: it has none."""
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "answers":
            return ast.unparse(one.func.value)
    return ""


def _named(node: ast.stmt) -> list[str]:
    """List the names that a statement at the left edge gives."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [one.id for one in targets if isinstance(one, ast.Name)]


def _with_imports(lines: Lines, tree: ast.Module, body: str) -> Lines:
    """Import what the function needs and the handler does not import yet."""
    known = {name for node in tree.body if isinstance(node, ast.ImportFrom) for name in _named(node)}
    needed = {"Answer", "Request", *re.findall(r"\b(?:json|text)_answer\b", body)} - known
    for module in sorted({_IMPORTS[name] for name in needed}):
        names = {name for name in needed if _IMPORTS[name] == module}
        at = next(
            (at for at, line in enumerate(lines.lines) if re.match(rf"from {module} import [^(\\]+$", line)), None
        )
        if at is None:
            raise ScaffoldError(f"{lines.place} has no line that imports from {module}", _REMEDY)
        names |= {name.strip() for name in lines.lines[at].partition(" import ")[2].split(",")}
        ordered = sorted(names, key=lambda name: (name[0].islower(), name))
        lines = lines.replace(at, at + 1, [f"from {module} import {', '.join(ordered)}"])
    return lines
