"""Find the modules of a service that a cold start imports, and the code in them that runs then."""

import ast
from collections.abc import Iterator, Mapping

from harness.bundle.imports import absolute, for_type_checkers, with_packages

_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
Import = ast.Import | ast.ImportFrom


def reached(start: str, service: str, trees: Mapping[str, ast.Module]) -> dict[str, ast.Module]:
    """Return the files that an import of a module runs: its own and, by import, others of the service's.

    Args:
        start: full name of the module; of another package: nothing tells what it runs, so all files are returned.
        service: name of the service.
        trees: its Python files, by their path in its folder.
    """
    files = {module_of(service, file): file for file in trees}
    if start not in files:
        return dict(trees)
    waiting = [files[name] for name in with_packages(start.split(".")) if name in files]
    for file in waiting:
        for node in at_start(trees[file]):
            if isinstance(node, Import):
                waiting += [one for one in own_files(service, file, node, trees) if one not in waiting]
    return {file: trees[file] for file in waiting}


def own_files(service: str, file: str, node: Import, trees: Mapping[str, ast.Module]) -> list[str]:
    """List the service's files that an import runs."""
    files = {module_of(service, one): one for one in trees}
    names = [
        part for name in _targets([service, *file.split("/")[:-1]], node) for part in with_packages(name.split("."))
    ]
    return [files[name] for name in dict.fromkeys(names) if name in files]


def at_start(node: ast.AST) -> Iterator[ast.AST]:
    """List nodes that run while their module is imported: not bodies of functions, nor what type checkers alone read.

    Functions and classes are listed, their insides are not.
    """
    yield node
    if isinstance(node, _LATER):
        return
    for child in node.orelse if for_type_checkers(node) else ast.iter_child_nodes(node):
        yield from at_start(child)


def module_of(service: str, file: str) -> str:
    """Return the full name of the module in a file of a service."""
    name = f"{service}/{file}".removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")


def _targets(package: list[str], node: Import) -> Iterator[str]:
    """List full names that an import may lead to: each name of ``from`` may be a module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    whole = ".".join(absolute(package, node))
    yield from (f"{whole}.{alias.name}" for alias in node.names)
