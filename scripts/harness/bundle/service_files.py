"""Files that make a folder below ``lambda/`` a service that can be deployed."""

from pathlib import Path

from harness.base.errors import HarnessError
from harness.facts import read_service, service_names
from harness.facts.service import SERVICES

REQUIRED = ("openapi.yaml", "permissions.yaml", "service.yaml")
_LEFT_OUT = ("__pycache__",)


def require_services(tree: Path) -> tuple[str, ...]:
    """Return the services' names, once each has all its files.

    Raises:
        HarnessError: there is no service, or a file is missing; names every one that is.
        FactError: a service.yaml means nothing.
    """
    names = service_names(tree)
    if not names:
        raise HarnessError(f"{SERVICES} holds no service", f"make {SERVICES}/NAME with {', '.join(REQUIRED)} and code")
    lacks = {name: missing_files(name, tree) for name in names}
    told = "; ".join(f"{SERVICES / name} lacks {', '.join(files)}" for name, files in lacks.items() if files)
    if told:
        remedy = (
            "write what is missing; a folder with openapi.yaml or service.yaml is a service, any other is shared code"
        )
        raise HarnessError(told, remedy)
    return names


def missing_files(name: str, tree: Path) -> tuple[str, ...]:
    """List what a service's folder lacks, its code among it.

    Raises:
        FactError: its service.yaml means nothing.
    """
    folder = tree / SERVICES / name
    lacking = [file for file in REQUIRED if not (folder / file).is_file()]
    if "service.yaml" in lacking:
        return tuple(lacking) if own_code(folder) else (*lacking, "code in Python")
    handler = read_service(name, tree).handler
    package, _, rest = handler.partition(".")
    if package == name and not module_members(handler) & {f"{name}/{file}" for file in own_code(folder)}:
        lacking.append(f"{rest.rpartition('.')[0].replace('.', '/') or '__init__'}.py (handler: {handler})")
    return tuple(lacking)


def own_code(folder: Path) -> dict[str, bytes]:
    """Read a package's Python files, those of its sub-packages too, by their path in its folder."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(folder)
        if not any(part in _LEFT_OUT or part.startswith(".") for part in relative.parts):
            found[relative.as_posix()] = path.read_bytes()
    return found


def module_members(handler: str) -> set[str]:
    """List the names that a handler's module may have in a zip: ``a.b.c`` stands in ``a/b.py`` or in a package."""
    module = handler.rpartition(".")[0].replace(".", "/")
    return {f"{module}.py", f"{module}/__init__.py"}
