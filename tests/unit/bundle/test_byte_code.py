"""Zips hold byte-code of the function's Python, and what plans compare does not depend on it."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.unit.bundle.conftest import names, service

from harness.base.errors import ToolError
from harness.base.paths import bundle_hash, bundle_zip
from harness.bundle import archive, byte_code
from harness.bundle.archive import build_bundle, zip_bytes

OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
TAG = sys.implementation.cache_tag
HANDLER = "from orders import prices\ndef handler(event, context): return prices.of(event)\n"
FILES = {"handler.py": HANDLER, "prices.py": "def of(event): return 3 / event\n"}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Take the tests' own Python for the functions', and begin with an empty cache."""
    monkeypatch.setattr(archive, "runtime_version", lambda: OWN)
    monkeypatch.setattr(byte_code, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


def forget_sources(folder: Path, place: Path) -> None:
    """Unpack a zip as Lambda does, and let every module's source be wrong."""
    with zipfile.ZipFile(bundle_zip("orders", folder)) as zipped:
        zipped.extractall(place)
    for file in place.rglob("*.py"):
        file.write_text("raise SystemExit('compiled')\n")


def test_each_module_has_byte_code_that_is_believed(tree: Path, built: Path, tmp_path: Path, cache: Path) -> None:
    service(tree, "orders", **FILES)
    build_bundle(built, tree)
    held = names(built, "orders")
    modules = {name for name in held if name.endswith(".py")}
    assert {f"{Path(one).parent}/__pycache__/{Path(one).stem}.{TAG}.pyc".removeprefix("./") for one in modules} <= held
    forget_sources(built, tmp_path / "task")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'task')!r}); from orders.handler import handler; handler(0, 0)"
    )
    done = subprocess.run([sys.executable, "-I", "-B", "-c", code], capture_output=True, text=True, check=False)
    assert "ZeroDivisionError: division by zero" in done.stderr, done.stderr


def test_what_plans_compare_is_the_same_with_another_builder(
    tree: Path,
    built: Path,
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service(tree, "orders", **FILES)
    first = build_bundle(built, tree)
    monkeypatch.setattr(byte_code, "CACHE", tmp_path / "another")
    monkeypatch.setattr(byte_code, "find_python", missing)
    second = build_bundle(tmp_path / "plain", tree)
    assert first == second
    compared = {bundle_hash("orders", folder).read_text() for folder in (built, tmp_path / "plain")}
    plain = bundle_zip("orders", tmp_path / "plain").read_bytes()
    assert compared == {base64.b64encode(hashlib.sha256(plain).digest()).decode()}
    assert first == {"orders": hashlib.sha256(plain).hexdigest()}
    with zipfile.ZipFile(bundle_zip("orders", built)) as zipped:
        without = {name: zipped.read(name) for name in zipped.namelist() if not name.endswith(".pyc")}
    assert (zip_bytes(without), len(without) < len(zipped.namelist())) == (plain, True)
    said = capsys.readouterr().err
    assert said.count("note: ") == 1
    assert f"zips without byte-code, slower cold starts -> build/venv/bin/uv python install {OWN}" in said


def missing(version: str) -> Path:
    raise ToolError(f"there is no Python {version} on this machine", "install it")


def test_only_what_changed_is_compiled_again(
    tree: Path, built: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = service(tree, "orders", **FILES)
    build_bundle(built, tree)
    kept = set(cache.glob("byte-code-*"))
    with monkeypatch.context() as alone:
        alone.setattr(byte_code, "find_python", missing)
        assert build_bundle(built, tree)
    assert f"orders/__pycache__/prices.{TAG}.pyc" in names(built, "orders")
    (folder / "prices.py").write_text("def of(event): return 4\n")
    build_bundle(built, tree)
    assert len(set(cache.glob("byte-code-*")) - kept) == 1


@pytest.mark.parametrize(
    "edit", [lambda data: data[:-1], lambda data: data + b"x", lambda _: b"", lambda _: b"nonsense"]
)
def test_byte_code_that_was_edited_meanwhile_is_made_anew(tree: Path, built: Path, cache: Path, edit: object) -> None:
    service(tree, "orders", **FILES)
    build_bundle(built, tree)
    whole = bundle_zip("orders", built).read_bytes()
    for file in cache.glob("byte-code-*"):
        file.write_bytes(edit(file.read_bytes()))  # type: ignore[operator]
    build_bundle(built, tree)
    assert bundle_zip("orders", built).read_bytes() == whole


def test_a_module_that_is_no_python_of_the_release_is_named(tree: Path, built: Path, cache: Path) -> None:
    with pytest.raises(ToolError, match=r"is no Python of the function's release: .*SyntaxError"):
        byte_code.byte_code({"orders/handler.py": b"def handler(:\n"}, OWN)
    assert not list(cache.glob("byte-code-*"))
