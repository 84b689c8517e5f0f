"""Hold a service's functions to its contract, before anything is deployed: what its App refuses at a cold start."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.base.errors import HarnessError
from harness.bundle.imports import running_imports
from harness.bundle.reached import Import, at_start, module_of, own_files, reached
from harness.contract.grammar import operations
from harness.facts.service import SERVICES

_APP = "rest.app"


@dataclass(frozen=True)
class _Code:
    """The files of a service that run at a cold start, and its names for the App.

    Attributes:
        trees: by path in the service's folder.
        classes: names of the class, as written, of those derived from it and of functions that return one.
        apps: names of its objects.
    """

    service: str
    trees: Mapping[str, ast.Module]
    classes: frozenset[str]
    apps: frozenset[str]

    def place(self, file: str, node: ast.expr | ast.stmt) -> str:
        """Tell where a node stands."""
        return f"{SERVICES / self.service / file}:{node.lineno}"

    def is_app(self, node: ast.expr) -> bool:
        """Tell whether an expression ends in a name of the App."""
        return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) in self.apps

    def makes(self, node: ast.AST | None) -> bool:
        """Tell whether a node is a call that makes an App."""
        return isinstance(node, ast.Call) and ast.unparse(node.func) in self.classes

    def naming(self, node: ast.AST) -> bool:
        """Tell whether a node is a call of the App's ``answers``."""
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "answers"
        return named and self.is_app(node.func.value)  # type: ignore[attr-defined]

    def answering(self, node: ast.AST) -> list[ast.expr]:
        """List the calls of ``answers`` that a function is given to: as decorators, or in the same expression."""
        if isinstance(node, ast.FunctionDef):
            return [one for one in node.decorator_list if self.naming(one)]
        return [node.func] if isinstance(node, ast.Call) and self.naming(node.func) else []


def require_answers(service: str, handler: str, code: Mapping[str, bytes], contract: Mapping[str, Any]) -> None:
    """Refuse a service on ``rest.app`` that does not answer each operation of its contract once.

    Args:
        service: name of the service.
        handler: full name of its entry point.
        code: its Python files, by their path in its folder.
        contract: its canonical contract.

    Raises:
        HarnessError: an operation has no function or two, a function names no operation, or the App is made twice or
            its handler read too early; names every fault.
    """
    trees = {file: ast.parse(text) for file, text in code.items()}
    known = _known(service, reached(handler.rpartition(".")[0], service, trees))
    wrong = list(_stars(known))
    if any(known.makes(node) for tree in known.trees.values() for node in ast.walk(tree)):
        wanted = {str(operation["operationId"]) for _, operation in operations(contract)}
        wrong += [*_apps_at_fault(known), *_answers_at_fault(known, wanted), *_early(known)]
    if wrong:
        module = handler.rpartition(".")[0]
        remedy = f"at the top level of {module} or of a module that it imports, above the line with app.handler"
        raise HarnessError(
            "; ".join(wrong), f'write one function under @app.answers("ID") for each operationId, {remedy}'
        )


def _known(service: str, trees: Mapping[str, ast.Module]) -> _Code:
    """Find the names of the App in files that import each other."""
    imports = [node for tree in trees.values() for node in running_imports(tree)]
    classes = {name for node in imports for name in _class_names(node)}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and classes & set(_leads_to(node)):
                classes.add(node.name)
    code = _Code(service, trees, frozenset(classes), frozenset())
    apps = {name for tree in trees.values() for node in at_start(tree) for name in _bound(code, node)}
    aliases = [alias for node in imports if isinstance(node, ast.ImportFrom) for alias in node.names]
    apps |= {alias.asname for alias in aliases if alias.asname and alias.name in apps}
    return _Code(service, trees, frozenset(classes), frozenset(apps))


def _class_names(node: Import) -> Iterator[str]:
    """List what an import lets a module write for the class App."""
    for alias in node.names:
        name = alias.asname or alias.name
        source = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        if source + alias.name == _APP:
            yield f"{name}.App"
        elif source + alias.name in (f"{_APP}.App", f"{_APP}.*"):
            yield name.replace("*", "App")


def _leads_to(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    """List what a class is derived from, or what a function calls for what it returns."""
    if isinstance(node, ast.ClassDef):
        yield from map(ast.unparse, node.bases)
        return
    for one in ast.walk(node):
        if isinstance(one, ast.Return) and isinstance(one.value, ast.Call):
            yield ast.unparse(one.value.func)


def _bound(code: _Code, node: ast.AST) -> list[str]:
    """List the names that a statement gives a new App."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or not code.makes(node.value):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _stars(code: _Code) -> Iterator[str]:
    for file, tree in code.trees.items():
        for node in running_imports(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "rest" and node.names[0].name == "*":
                yield f"{code.place(file, node)}: from rest import * imports none of its modules, name them"


def _apps_at_fault(code: _Code) -> Iterator[str]:
    """Refuse an App that no name of a module holds, and a second one."""
    held = [
        code.place(file, node)  # type: ignore[arg-type]
        for file, tree in code.trees.items()
        for node in at_start(tree)
        if _bound(code, node)
    ]
    if not held:
        yield f"{SERVICES / code.service}: no module makes its App at the top level, as app = App()"
    yield from (f"{place}: makes a second App, one answers all operations" for place in held[1:])


def _answers_at_fault(code: _Code, wanted: set[str]) -> Iterator[str]:
    """Compare operations with functions."""
    seen = set[str]()
    for file, tree in code.trees.items():
        given = {id(call) for node in at_start(tree) for call in code.answering(node)}
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and code.naming(node)]
        for call in sorted(calls, key=lambda call: call.lineno):
            first = call.args[0] if call.args else None
            name = first.value if isinstance(first, ast.Constant) else None
            if not isinstance(name, str):
                yield f"{code.place(file, call)}: answers() takes an id in quotes"
            elif name not in wanted or name in seen:
                fault = "answers it again" if name in seen else "names no operation of the contract"
                yield f"{code.place(file, call)}: answers({name!r}) {fault}"
            if id(call) in given:
                seen.add(str(name))
    if left := sorted(wanted - seen):
        yield f"{SERVICES / code.service}: no function answers {', '.join(left)}"


def _early(code: _Code) -> Iterator[str]:
    """Find reads of ``app.handler`` above a function, or above an import that may hold some."""
    answering = {file for file, tree in code.trees.items() if any(code.answering(node) for node in at_start(tree))}
    for file, tree in code.trees.items():
        nodes = list(at_start(tree))
        handlers = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr == "handler"]
        reads = [node for node in handlers if code.is_app(node.value)]
        last = max(_needed(code, file, nodes), default=0)
        yield from (
            f"{code.place(file, node)}: reads app.handler above line {last}, which it needs"
            for node in reads
            if node.lineno < last
        )
        if reads and (left := answering - reached(module_of(code.service, file), code.service, code.trees).keys()):
            yield f"{code.place(file, reads[0])}: reads app.handler and does not import {', '.join(sorted(left))}"


def _needed(code: _Code, file: str, nodes: list[ast.AST]) -> Iterator[int]:
    """List lines of a module that answer operations, or import modules of the service that may."""
    for node in nodes:
        yield from (call.lineno for call in code.answering(node))
        if isinstance(node, Import) and own_files(code.service, file, node, code.trees):
            yield node.lineno
