"""Parts of a product, as far as text edits need them: its environments, services, their routes and tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.paths import contract_source
from harness.base.routes import VERBS
from harness.scaffold.tree_edits import read_text
from harness.scaffold.yaml_text import Key, YamlText, names_in

BLUEPRINT = Path("blueprint.yaml")
SERVICES = Path("lambda")
_DECLARED = ("openapi.yaml", "service.yaml")
# Characters of a name of a function, and of the longest suffix.
_FUNCTION_NAME, _SUFFIX = 64, 20


@dataclass(frozen=True, slots=True)
class Contract:
    """Routes of a service.

    Attributes:
        routes: as ``GET /health``.
        operations: every operation id that its contract names.
    """

    paths: tuple[str, ...]
    routes: frozenset[str]
    operations: frozenset[str]


def read_yaml(tree: Path, place: Path) -> YamlText:
    """Read a YAML file that is to be edited.

    Raises:
        ScaffoldError: it cannot be read.
    """
    return YamlText(place, read_text(tree, place))


def environments(blueprint: YamlText) -> tuple[Key, ...]:
    """List the environments of ``blueprint.yaml``, in its order.

    Raises:
        ScaffoldError: there are none, or they do not stand on lines of their own.
    """
    return blueprint.held(blueprint.need("environments"))


def listed_environment(option: str, name: str, blueprint: YamlText) -> Key:
    """Return an environment that an option names.

    Raises:
        UsageError: ``blueprint.yaml`` does not list it.
    """
    known = {key.name: key for key in environments(blueprint)}
    if name not in known:
        raise UsageError(f"{option}={name}: {BLUEPRINT} lists no such environment", f"use one of: {', '.join(known)}")
    return known[name]


def services(tree: Path) -> tuple[str, ...]:
    """List services: the folders of ``lambda/`` that hold a contract or a service.yaml."""
    folders = sorted((tree / SERVICES).glob("*/"))
    return tuple(one.name for one in folders if any((one / file).exists() for file in _DECLARED))


def listed_service(name: str, tree: Path) -> str:
    """Return a service that SERVICE names.

    Raises:
        UsageError: there is none of this name.
    """
    known = services(tree)
    if name not in known:
        raise UsageError(f"SERVICE={name}: {SERVICES} has no such service", f"use one of: {', '.join(known)}")
    return name


def contracts(tree: Path) -> Mapping[str, Contract]:
    """Read the routes of every service that has a contract.

    Raises:
        ScaffoldError: a contract is not in block style down to its methods.
    """
    places = {name: contract_source(name, tree) for name in services(tree)}
    return {name: _contract(read_yaml(tree, file.relative_to(tree))) for name, file in places.items() if file.exists()}


def _contract(document: YamlText) -> Contract:
    paths = document.held(document.need("paths"))
    routes = {f"{key.name.upper()} {path.name}" for path in paths for key in document.held(path) if key.name in VERBS}
    return Contract(
        tuple(path.name for path in paths), frozenset(routes), frozenset(names_in(document.text, "operationId"))
    )


def tables(tree: Path) -> Mapping[str, str]:
    """List the tables of all services, each with its service.

    Raises:
        ScaffoldError: a service.yaml does not hold its tables on lines of their own.
    """
    found: dict[str, str] = {}
    for service in services(tree):
        document = read_yaml(tree, SERVICES / service / "service.yaml")
        held = document.find("tables")
        found |= {key.name: service for key in (document.held(held) if held else ())}
    return found


def require_room(tree: Path, prefix: str, service: str = "") -> None:
    """Refuse names that a function could not have in every copy of an environment.

    Args:
        service: one that is about to be added; the longest that is there where left out.

    Raises:
        UsageError: prefix, service and the longest suffix are longer than Lambda takes.
    """
    longest = service or max(services(tree), key=len, default="")
    room = _FUNCTION_NAME - _SUFFIX - 2 - len(prefix)
    if len(longest) > room:
        said = (
            f"{prefix}-{longest}-SUFFIX is longer than the {_FUNCTION_NAME} characters that a function's name may have"
        )
        raise UsageError(said, f"with this prefix a service's name has at most {room}, as a suffix has up to {_SUFFIX}")
