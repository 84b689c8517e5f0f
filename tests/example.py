"""The worked example, and the test files that need it.

A product that replaced it has not got what they are about: they are not collected, and the run says so.
"""

from __future__ import annotations

import re
from pathlib import Path

from harness.base.paths import REPO
from harness.facts import read_blueprint, service_names

SERVICE, ENVIRONMENTS = "items", ("dev", "prod")
_MARK = re.compile(r"^pytestmark = .*\bpytest\.mark\.example\b", re.MULTILINE)


def lacking(tree: Path = REPO) -> list[str]:
    """Name the parts of the worked example that a tree has not got."""
    parts = [("service", SERVICE, service_names(tree))]
    parts += [("environment", name, tuple(read_blueprint(tree).environments)) for name in ENVIRONMENTS]
    return [f"{kind} {name}" for kind, name, there in parts if name not in there]


def places_lacking(tree: Path = REPO) -> tuple[str, ...]:
    """List the folders of the worked example that a tree has not got: documents tell of them as they are here."""
    services = [] if SERVICE in service_names(tree) else [f"lambda/{SERVICE}/", f"tests/lambda/{SERVICE}/"]
    known = read_blueprint(tree).environments
    return (*services, *(f"envs/{name}/" for name in ENVIRONMENTS if name not in known))


def needs_example(path: Path) -> bool:
    """Tell whether a file is a test that is marked as one of the example; read, as it may not be importable without."""
    return path.match("test_*.py") and bool(_MARK.search(path.read_text("utf-8")))


def left_out(tests: Path, parts: list[str]) -> list[str]:
    """List the lines (one or none) that say how many test files are left out, since parts of the example lack."""
    count = sum(map(needs_example, tests.rglob("test_*.py"))) if parts else 0
    return (
        [f"left out: {count} test files about the worked example; there is no {', no '.join(parts)}"] if count else []
    )
