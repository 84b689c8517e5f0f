"""What the function's zip leaves out is imported by nothing in it: every import statement is read, also lazy ones."""

from __future__ import annotations

import ast
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.base.paths import bundle_zip
from harness.bundle.archive import PRUNED, build_bundle, zip_bytes
from harness.facts import service_names

SERVICE = service_names()[0]


def imports(source: str) -> Iterator[str]:
    """Every module that ``source`` names in an absolute import, with what it takes from it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def missing(members: dict[str, str]) -> list[str]:
    """``member: module`` for every import of something pruned."""
    gone = tuple(prefix.rstrip("/").replace("/", ".") for prefix in PRUNED)
    return [
        f"{member}: {module}"
        for member, source in members.items()
        for module in imports(source)
        if any(f"{module}.".startswith(f"{prefix}.") for prefix in gone)
    ]


def sources(archive: Path) -> dict[str, str]:
    """The Python files of a zip."""
    with zipfile.ZipFile(archive) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist() if name.endswith(".py")}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    build_bundle(folder)
    return bundle_zip(SERVICE, folder)


def test_nothing_in_the_zip_imports_what_it_leaves_out(bundle: Path) -> None:
    members = sources(bundle)
    assert missing(members) == []
    assert len(members) > 100


@pytest.mark.parametrize(
    "source",
    [
        "import aws_lambda_powertools.utilities.parser",
        "def f():\n    from aws_lambda_powertools.utilities.batch.types import X",
        "from aws_lambda_powertools.utilities import idempotency",
    ],
)
def test_an_import_of_it_would_be_seen(source: str) -> None:
    assert len(missing({"items/x.py": source})) == 1


def test_it_is_left_out_with_its_byte_code(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()
    assert [name for name in names if name.startswith(PRUNED)] == []
    assert bundle.stat().st_size < 4_000_000


def test_a_second_build_gives_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    build_bundle(tmp_path)
    assert bundle_zip(SERVICE, tmp_path).read_bytes() == bundle.read_bytes()
    assert zip_bytes({"b": b"2", "a": b"1"}) == zip_bytes({"a": b"1", "b": b"2"})
