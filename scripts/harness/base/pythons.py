"""Versions of Python: those the harness runs on, and the one of the functions. Standard library only."""

import re
import tomllib
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.base.texts import text_of

_RUNTIME = re.compile(r'^ *runtime *= *"python(\d+\.\d+)"$', re.MULTILINE)
_OLDEST = re.compile(r">=(\d+\.\d+)")


def runtime_version(tree: Path = REPO) -> str:
    """Return the Python that functions run on, as the module says: ``3.13``.

    Raises:
        HarnessError: the module names no runtime of Python, or several.
    """
    module = Path("modules/function/main.tf")
    found: set[str] = set(_RUNTIME.findall(text_of(tree / module, str(module))))
    if len(found) != 1:
        raise HarnessError(f"{module}: found {len(found)} runtimes of Python", 'write one, as runtime = "python3.13"')
    return found.pop()


def supported_versions(tree: Path = REPO) -> tuple[str, ...]:
    """List the versions the harness runs on: from the oldest that pyproject.toml allows to the functions' own.

    Raises:
        HarnessError: pyproject.toml names no oldest version, or one above the functions' own.
    """
    project = tomllib.loads(text_of(tree / "pyproject.toml"))["project"]
    oldest, newest = _OLDEST.fullmatch(project["requires-python"]), runtime_version(tree)
    first, last = (int(version.split(".")[1]) for version in ((oldest[1] if oldest else "3.99"), newest))
    if first > last:
        raise HarnessError(
            f"pyproject.toml (requires-python): {project['requires-python']} is no oldest version up to {newest}",
            'write requires-python = ">=3.11"',
        )
    return tuple(f"3.{minor}" for minor in range(first, last + 1))
