"""Imports that the scanners' process can do without, a third of its start-up, kept out of it.

Nothing that is scanned is scanned differently. Left out are the checks of other clouds (a plan that holds another
provider's resources is refused, see :mod:`harness.scan.launch`), numpy, which checkov's evaluator imports and then
switches off, and git, with which checkov would fetch modules from repositories. Libraries for the network and for
containers are loaded when they are first used, which is never. Call :func:`install` before the first import of
checkov. Runs in ``build/venv-checkov``.
"""

import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

_CHECKS = ("terraform", "checks", "resource")
_CLOUD = "aws"
_UNUSED = frozenset({"git", "numpy"})
_LATER = frozenset({"aiohttp", "boto3", "docker"})


def install() -> None:
    """Make the imports lean. When checkov is laid out otherwise, they are merely not."""
    sys.meta_path.insert(0, _Finder())
    checkov = importlib.machinery.PathFinder.find_spec("checkov")
    for place in (checkov.submodule_search_locations or ()) if checkov else ():
        folders = Path(place).joinpath(*_CHECKS).glob("*/__init__.py")
        for folder in (file.parent for file in folders if file.parent.name != _CLOUD):
            name = ".".join(("checkov", *_CHECKS, folder.name))
            sys.modules[name] = _empty_package(name, folder)


def _empty_package(name: str, folder: Path) -> ModuleType:
    """Make a package from which ``import *`` brings nothing; what is asked for by its full name is still found."""
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    package.__all__ = []  # type: ignore[attr-defined]
    return package


class _Finder:
    """Finder of libraries that are loaded at first use; hides those that are not used."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer the import system."""
        if name in _UNUSED:
            raise ModuleNotFoundError(f"{name} is not used here", name=name)
        if name not in _LATER:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec
