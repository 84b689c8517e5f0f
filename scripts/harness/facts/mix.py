"""Shares of a service's requests that go to each of its operations: ``mix`` of its service.yaml."""

from collections.abc import Mapping
from pathlib import Path

from harness.base.paths import REPO
from harness.facts.reading import FactError
from harness.facts.service import SERVICES, read_routes, read_service

_WHOLE = 100
_ROUNDING = 1e-6  # thirds and the like, written with a few digits, add up to almost the whole


def read_mix(name: str, tree: Path = REPO) -> Mapping[str, float]:
    """Read which share of a service's requests each operation gets, 0 to 1, by operation as ``GET /health``.

    A service that states no mix gives every operation the same share; one without operations has none.

    Raises:
        FactError: the mix names an operation that the contract does not have, leaves one out, gives one nothing, or
            does not add up to 100 percent.
    """
    stated, routes = read_service(name, tree).mix, read_routes(name, tree)
    if not stated:
        return {route: 1 / len(routes) for route in sorted(routes)}
    place = f"{SERVICES / name / 'service.yaml'} (mix)"
    if unknown := sorted(stated.keys() - routes):
        raise FactError(
            f"{place}: the contract has no {', '.join(unknown)}", f"use one of: {', '.join(sorted(routes))}"
        )
    if missing := sorted(routes - stated.keys()):
        raise FactError(f"{place}: {', '.join(missing)} has no share", "give every operation of the contract one")
    if nothing := sorted(route for route, percent in stated.items() if not percent > 0):
        raise FactError(f"{place}: {', '.join(nothing)} gets nothing", "give a share above 0 percent")
    if abs(sum(stated.values()) - _WHOLE) > _ROUNDING:
        raise FactError(f"{place}: the shares add up to {sum(stated.values()):g} percent", "make them 100 together")
    return {route: percent / _WHOLE for route, percent in sorted(stated.items())}
