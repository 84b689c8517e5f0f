"""Find packages that a zip's packages need and that are neither in the zip nor in Lambda's Python."""

import re
from collections.abc import Collection, Iterator

from harness.base.errors import HarnessError
from harness.base.pins import canonical
from harness.bundle.imports import PINS_OF_ALL, RUNTIME
from harness.bundle.markers import is_for_lambda
from harness.bundle.wheels import Wheel

_NEED = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)[^;]*(?:;\s*(.*\S))?\s*", re.DOTALL)
_EXTRA = re.compile(r"""extra\s*==\s*(?:"[^"]*"|'[^']*')""")


def require_needs(wheels: Collection[Wheel], pins: str) -> None:
    """Refuse packages that fail when they are imported, as one that they need is missing.

    Args:
        wheels: all packages of others that a zip holds.
        pins: name of the file that pins them.

    Raises:
        HarnessError: a package is missing, or a wheel says what it needs in no known form; names every one.
    """
    brought = {*RUNTIME.values(), *map(_name, wheels)}
    lost = [f"{_name(wheel)} needs {need}" for wheel in wheels for need in _needs(wheel) if need not in brought]
    if lost:
        source = "requirements/lambda.in" if pins == PINS_OF_ALL else pins
        raise HarnessError(
            f"{', '.join(dict.fromkeys(lost))}, which {pins} does not pin", f"add it to {source} and run make lock"
        )


def _name(wheel: Wheel) -> str:
    return canonical(wheel.metadata["Name"] or wheel.file.partition("-")[0].removesuffix(".whl"))


def _needs(wheel: Wheel) -> Iterator[str]:
    """List what a package needs on the functions' system, without what only its extras need."""
    for line in wheel.metadata.get_all("Requires-Dist", []):
        found = _NEED.fullmatch(str(line))
        if found is None:
            raise HarnessError(f"{wheel.file}: Requires-Dist {line!r} cannot be read", "pin another version of it")
        marker = found[2] or ""
        if not _EXTRA.fullmatch(marker) and is_for_lambda(marker, f"Requires-Dist of {wheel.file}"):
            yield canonical(found[1])
