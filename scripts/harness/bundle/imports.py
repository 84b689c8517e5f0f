"""Find imports of a service's code that would fail in Lambda: of what is neither in its zip nor in Lambda's Python."""

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from typing import TypeGuard

from harness.base.errors import HarnessError
from harness.facts.service import SERVICES

#: Lambda's Python holds the SDK and what that needs ("Building Lambda functions with Python"): modules, each with the
#: name that indexes have for its package.
RUNTIME = {
    **{name: name for name in ("boto3", "botocore", "jmespath", "s3transfer", "six", "urllib3")},
    "dateutil": "python-dateutil",
}
#: What pins the packages of each service that has no requirements.txt of its own.
PINS_OF_ALL = "requirements/lambda.txt"
_CATCHING = {"Exception", "ImportError", "ModuleNotFoundError"}


def require_imports(service: str, code: Mapping[str, Mapping[str, bytes]], members: Collection[str], pins: str) -> None:
    """Refuse code whose imports cannot be found.

    Args:
        service: name of the service.
        code: Python files of the service's own package and of shared ones, by their path in it. A shared package that
            nothing imports may import what it likes.
        members: names of all files of its zip.
        pins: name of the file that pins its packages of others.

    Raises:
        HarnessError: a file is no Python, or imports something that is not there; names every import.
    """
    known = {module for member in members for module in _modules(member)}
    lost, seen, waiting = list[str](), {service}, [service]
    for package in waiting:
        for file, line, name in _of_package(package, code[package]):
            top = name.partition(".")[0]
            if not _found(name, code, known) or (package != service and top == service):
                place = f"{SERVICES / package / file}:{line}"
                lost.append(f"{place} imports {name}, which is not in {_zip(package, service, name, pins)}")
            elif top in code and top not in seen:
                seen.add(top)
                waiting.append(top)
    if lost:
        raise HarnessError("; ".join(lost), f"mend the import, or {_how_to_add(pins)}")


def _zip(package: str, service: str, name: str, pins: str) -> str:
    if package == service:
        return "the service's zip"
    of_all = pins == PINS_OF_ALL or name.partition(".")[0] == service
    return "every service's zip" if of_all else f"the zip of {service}"


def _how_to_add(pins: str) -> str:
    if pins == PINS_OF_ALL:
        return "name its package in requirements/lambda.in and run make lock"
    return f"pin its package in {pins}, which replaces {PINS_OF_ALL} for this service, and run make lock"


def _of_package(package: str, files: Mapping[str, bytes]) -> Iterator[tuple[str, int, str]]:
    """List file, line and full name of every module that a package imports."""
    for file, text in files.items():
        yield from ((file, line, name) for line, name in _imported(package, file, text))


def _modules(member: str) -> Iterator[str]:
    """List the modules that a file of a zip makes importable: its own, and the packages that it lies in."""
    *folders, file = member.split("/")
    return with_packages([*folders, file.partition(".")[0]])


def _found(name: str, ours: Collection[str], known: Collection[str]) -> bool:
    top = name.partition(".")[0]
    if top in ours:
        return name in known
    # Packages of others make modules while they run.
    return top in known or top in RUNTIME or top in sys.stdlib_module_names


def _imported(owner: str, file: str, text: bytes) -> Iterator[tuple[int, str]]:
    """List line and full name of every module that a file imports."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        where = f"{SERVICES / owner / file}:{error.lineno}"
        raise HarnessError(f"{where} is no Python: {error.msg}", "mend it") from error
    package = [owner, *file.split("/")[:-1]]
    for node in running_imports(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif node.level > len(package):
            yield node.lineno, "." * node.level + (node.module or "")
        else:
            yield node.lineno, ".".join(absolute(package, node))


def running_imports(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """List imports that run: not those for type checkers, nor those whose failure is caught."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    skipped = _skipped(node)
    for child in ast.iter_child_nodes(node):
        if child not in skipped:
            yield from running_imports(child)


def for_type_checkers(node: ast.AST) -> TypeGuard[ast.If]:
    """Tell if a node is the ``if`` whose body type checkers alone read."""
    return isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING"


def absolute(package: list[str], node: ast.ImportFrom) -> list[str]:
    """Return the parts of the module that a ``from`` names, in a file of a package."""
    base = package[: len(package) - node.level + 1] if node.level else []
    return [*base, *filter(None, [node.module])]


def with_packages(parts: list[str]) -> Iterator[str]:
    """List the packages that a module lies in, outermost first, then the module."""
    yield from (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _skipped(node: ast.AST) -> list[ast.stmt]:
    if for_type_checkers(node):
        return node.body
    if isinstance(node, ast.Try) and any(_catches(handler) for handler in node.handlers):
        return node.body
    return []


def _catches(handler: ast.ExceptHandler) -> bool:
    names = {one.id for one in ast.walk(handler.type) if isinstance(one, ast.Name)} if handler.type else _CATCHING
    return bool(names & _CATCHING)
