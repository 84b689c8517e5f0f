"""Replacing functions of ministack by those of a fill: loudly, or not at all."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any, TypeVar

from harness.base.errors import HarnessError

PINNED_VERSION = "1.5.33"
"""The ministack release the fills were written against; requirements/harness.in pins the same."""

Function = TypeVar("Function", bound=Callable[..., Any])


def require_version() -> None:
    """Refuse to start on another ministack: a fill patched onto unknown code would lie.

    Raises:
        HarnessError: ministack is missing or not ``PINNED_VERSION``.
    """
    try:
        found = version("ministack")
    except PackageNotFoundError:
        raise HarnessError("ministack is not installed beside the harness", "run `make setup`") from None
    if found != PINNED_VERSION:
        raise HarnessError(
            f"ministack {found} is installed, the fills of the local AWS were written for {PINNED_VERSION}",
            "run `make setup`; to move to another release, change PINNED_VERSION and requirements/harness.in "
            "together and run `pytest tests/local/gaps`",
        )


def original(module: ModuleType, name: str) -> Callable[..., Any]:
    """Return the function ``module.name``.

    Raises:
        HarnessError: it is gone, so the fill that wants to wrap it no longer fits.
    """
    function = getattr(module, name, None)
    if not callable(function):
        raise HarnessError(
            f"{module.__name__} has no function {name}, which a fill of the local AWS replaces",
            f"check that ministack is {PINNED_VERSION}, or adapt the fill",
        )
    wrapped: Callable[..., Any] = function
    return wrapped


def wraps(module: ModuleType, name: str) -> Callable[[Function], Function]:
    """Put the decorated function in the place of ``module.name``, and give it that as its first argument.

    Raises:
        HarnessError: there is nothing of that name to wrap.
    """
    inner = original(module, name)

    def put(function: Function) -> Function:
        setattr(module, name, partial(function, inner))
        return function

    return put


def replaces(module: ModuleType, name: str) -> Callable[[Function], Function]:
    """Put the decorated function in the place of ``module.name``.

    Raises:
        HarnessError: there is nothing of that name to replace.
    """
    original(module, name)

    def put(function: Function) -> Function:
        setattr(module, name, function)
        return function

    return put
