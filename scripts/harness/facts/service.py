"""``lambda/<service>/``: what a service tells of itself (service.yaml) and what it may do (permissions.yaml)."""

from pathlib import Path
from typing import Any, Literal

import msgspec

from harness.base.names import package_fault
from harness.base.paths import REPO, contract_source
from harness.base.texts import text_of
from harness.contract.grammar import operations
from harness.contract.yaml12 import load
from harness.facts.reading import FactError, read_fact
from harness.facts.tables import Table, check_tables

SERVICES = Path("lambda")
BASE_PERMISSIONS = Path("modules/function/permissions.yaml")


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An action that is granted, and why.

    Attributes:
        required: the service fails without it.
        drop: what it would take to drop it.
        calls: operations of the API that need it; empty: the one of its name.
    """

    name: str
    why: str
    required: bool
    drop: str
    calls: tuple[str, ...] = ()


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement of a permissions.yaml; ``resource`` and ``when`` are its words for them."""

    sid: str
    resource: str
    reason: str
    actions: tuple[Action, ...]
    when: Literal["always", "tracing", "customer_key"] = "always"
    through: tuple[str, ...] = ()


class Seconds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Durations of requests.

    Attributes:
        typical: a warm request.
        call_at_worst: one call to AWS with every attempt timing out and every sleep at its longest.
        margin: kept of the function's timeout for answering.
    """

    typical: float
    call_at_worst: float
    margin: float


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the service's own metrics."""

    dimensions: tuple[str, ...]


class SmokeStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request that shows that the service lives.

    Attributes:
        send: method and path, ``{name}`` standing for what an earlier step kept.
        status: answer that the contract names.
        body: sent as JSON; left out: the contract's example for the operation.
        raw: sent as it is, in the place of a body.
        keep: fields of the answer by the name they are kept under.
        without_key: sent without the API key; left out where none is asked.
        cleanup: sent also after a step that failed.
    """

    name: str
    send: str
    status: int
    body: dict[str, Any] | None = None
    raw: str | None = None
    keep: dict[str, str] = {}
    without_key: bool = False
    cleanup: bool = False


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of a ``service.yaml``.

    Attributes:
        environment: environment variables by name; the value says which resource's name each holds, or which number of
            shards.
        open_routes: routes that ask for no API key, as ``GET /health``.
        mix: percent of all requests by operation, as :func:`harness.facts.mix.read_mix` reads it.
    """

    description: str
    handler: str
    seconds: Seconds
    environment: dict[str, str] = {}
    open_routes: tuple[str, ...] = ()
    mix: dict[str, float] = {}
    tables: dict[str, Table] = {}
    metrics: dict[str, Metric] = {}
    smoke: tuple[SmokeStep, ...] = ()


class _Permissions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    statements: tuple[Grant, ...]


def service_names(tree: Path = REPO) -> tuple[str, ...]:
    """List services: the folders of ``lambda/`` that hold a contract or a service.yaml.

    Raises:
        FactError: a folder's name is none that Python can import, or Python's own.
    """
    return tuple(_importable(one.name, "service") for one in _folders(tree) if _is_service(one))


def shared_packages(tree: Path = REPO) -> tuple[str, ...]:
    """List packages that every service shares: folders of ``lambda/`` with Python files that are no services.

    Raises:
        FactError: as :func:`service_names`.
    """
    others = (one for one in _folders(tree) if not _is_service(one) and any(one.glob("*.py")))
    return tuple(_importable(one.name, "package") for one in others)


def _folders(tree: Path) -> list[Path]:
    return sorted(one for one in (tree / SERVICES).glob("*/") if not one.name.startswith((".", "__")))


def _is_service(folder: Path) -> bool:
    return any((folder / file).exists() for file in ("openapi.yaml", "service.yaml"))


def _importable(name: str, kind: str) -> str:
    if fault := package_fault(name, kind):
        raise FactError(f"{SERVICES / name}{fault.said}", fault.remedy)
    return name


def read_service(name: str, tree: Path = REPO) -> Service:
    """Read ``lambda/<name>/service.yaml``.

    Raises:
        FactError: the file is missing, or a line of it means nothing.
    """
    return read_fact(tree, SERVICES / name / "service.yaml", Service)


def read_services(tree: Path = REPO) -> dict[str, Service]:
    """Read the service.yaml of every service, by name.

    Raises:
        FactError: as :func:`read_service`; a table belongs to two services, or says what means nothing.
    """
    found = {name: read_service(name, tree) for name in service_names(tree)}
    # A table's requests may be any service's.
    routes = {route for name in found for route in read_routes(name, tree)}
    owners: dict[str, str] = {}
    for name, service in found.items():
        for table in service.tables:
            if table in owners:
                raise FactError(
                    f"{SERVICES / name / 'service.yaml'} (tables.{table}): {owners[table]} has a table of this name",
                    "declare it in one of them; both may use it",
                )
            owners[table] = name
        check_tables(str(SERVICES / name / "service.yaml"), service.tables, service.environment, routes)
    return found


def read_routes(name: str, tree: Path = REPO) -> frozenset[str]:
    """List the operations of a service's contract, as ``GET /health``; none for a service without one.

    What is wrong with a contract, bundling tells.
    """
    source = contract_source(name, tree)
    document = load(text_of(source)).document if source.exists() else {}
    return frozenset(f"{str(verb).upper()} {path}" for (_, path, verb), _ in operations(document))


def read_grants(name: str, tree: Path = REPO) -> tuple[Grant, ...]:
    """Read what the function of a service may do beyond what every function may.

    Raises:
        FactError: the file is missing, a line of it means nothing, or a reason is empty.
    """
    return _grants(SERVICES / name / "permissions.yaml", tree)


def read_base_grants(tree: Path = REPO) -> tuple[Grant, ...]:
    """Read what every function may do.

    Raises:
        FactError: as :func:`read_grants`.
    """
    return _grants(BASE_PERMISSIONS, tree)


def _grants(place: Path, tree: Path) -> tuple[Grant, ...]:
    found = read_fact(tree, place, _Permissions).statements
    for grant in found:
        if not grant.actions or not grant.reason.strip():
            raise FactError(f"{place} ({grant.sid}): no reason or no actions", "give both")
        for action in grant.actions:
            if not action.why.strip() or not action.drop.strip():
                raise FactError(f"{place} ({grant.sid}): {action.name} has no reason", "say why, and what drops it")
    return found
