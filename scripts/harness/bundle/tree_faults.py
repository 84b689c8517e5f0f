"""Refuse folders and links below ``lambda/`` that would put something else into a zip than who reads them expects."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from harness.base.errors import HarnessError
from harness.bundle.imports import RUNTIME
from harness.bundle.wheels import Wheel
from harness.facts.service import SERVICES


def require_own_names(packages: Collection[str], wheels: Iterable[Wheel], pins: str) -> None:
    """Refuse a package of ours with the name of one of others: it would take that one's place, without a word.

    Args:
        packages: names of the folders below ``lambda/`` whose code a zip holds.
        wheels: what else the zip holds.
        pins: name of the file that pins those.

    Raises:
        HarnessError: a folder has such a name; names the first.
    """
    owners = {name: "Lambda's Python brings" for name in RUNTIME}
    owners |= {_importable(path): f"{pins} brings" for wheel in wheels for path in wheel.files}
    if taken := sorted(owners.keys() & packages):
        name = taken[0]
        raise HarnessError(
            f"{SERVICES / name} has the name of a package that {owners[name]}, and would take its place in the zip",
            "give the folder another name",
        )


def require_no_way_out(tree: Path) -> None:
    """Refuse links that lead out of a tree: a zip would hold what no review of the tree shows.

    Raises:
        HarnessError: a link below ``lambda/`` does; names the first.
    """
    top = os.path.realpath(tree)
    for folder in sorted((tree / SERVICES).iterdir()):
        for path in (folder, *sorted(folder.rglob("*"))):
            parts = path.relative_to(tree / SERVICES).parts
            if any(part.startswith(".") or part == "__pycache__" for part in parts) or not path.is_symlink():
                continue
            if not Path(os.path.realpath(path)).is_relative_to(top):
                raise HarnessError(
                    f"{path.relative_to(tree)} is a link that leads out of this repository", "put the file itself there"
                )


def _importable(path: str) -> str:
    """Return the name by which code imports a file of a wheel, or the package that it lies in."""
    return path.partition("/")[0].removesuffix(".py")
