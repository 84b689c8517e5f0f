"""The zip: the same bytes every time and everywhere, and nothing in it that the runtime cannot use."""

import ast
import hashlib
import importlib.metadata
import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from tests.support.contract import text

import harness.contract
from harness.base.errors import HarnessError
from harness.base.paths import REPO, bundle_zip, contract_source
from harness.bundle import compiled as compiled_module
from harness.bundle.archive import build_bundle, zip_bytes
from harness.bundle.compiled import compiled_contract
from harness.bundle.service_files import module_members, own_code
from harness.facts import read_service, service_names
from harness.facts.service import SERVICES

SERVICE = service_names()[0]
CONTRACT = contract_source(SERVICE)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("bundle")
    build_bundle(folder)
    return zipfile.ZipFile(bundle_zip(SERVICE, folder))


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    first = build_bundle(tmp_path / "one")
    before = os.umask(0o077)
    try:
        second = build_bundle(tmp_path / "two")
    finally:
        os.umask(before)
    assert first == second
    for name in first:
        one, two = (bundle_zip(name, tmp_path / folder).read_bytes() for folder in ("one", "two"))
        assert one == two
        with zipfile.ZipFile(bundle_zip(name, tmp_path / "one")) as zipped:
            source = {member: zipped.read(member) for member in zipped.namelist() if not member.endswith(".pyc")}
        assert first[name] == hashlib.sha256(zip_bytes(source)).hexdigest()


def test_a_changed_file_changes_the_bytes() -> None:
    assert zip_bytes({"a": b"1"}) != zip_bytes({"a": b"2"})


def test_bytes_do_not_depend_on_order_or_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    first = zip_bytes({"a": b"1", "b": b"2"})
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    assert zip_bytes({"b": b"2", "a": b"1"}) == first


@pytest.mark.parametrize("name", [f"{SERVICE}.zip", f"{SERVICE}.json"])
def test_an_unchanged_file_is_not_rewritten(tmp_path: Path, name: str) -> None:
    build_bundle(tmp_path)
    os.utime(tmp_path / name, (1, 1))
    build_bundle(tmp_path)
    assert (tmp_path / name).stat().st_mtime == 1


def test_the_handler_and_its_packages_are_in_it(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    assert {f"{SERVICE}/{file}" for file in own_code(REPO / SERVICES / SERVICE)} <= names
    assert module_members(read_service(SERVICE).handler) & names
    assert {"rest/app.py", "aws_lambda_powertools/__init__.py"} <= names


def test_nothing_of_this_machine_is_in_it(archive: zipfile.ZipFile) -> None:
    foreign = [name for name in archive.namelist() if name.endswith((".so", ".pyd")) or ".dist-info/" in name]
    assert foreign == []
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_contract_in_it_and_beside_it_is_the_same(archive: zipfile.ZipFile) -> None:
    beside = Path(str(archive.filename)).with_suffix(".json").read_bytes()
    assert archive.read(f"{SERVICE}/contract.json") == beside == text(SERVICE)
    assert text(SERVICE) == harness.contract.compile_text(CONTRACT.read_bytes(), "the contract")


def test_the_zip_is_readable_by_anyone(archive: zipfile.ZipFile) -> None:
    assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}


def test_a_contract_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"openapi\.yaml cannot be read: No such file"):
        compiled_contract(tmp_path / "openapi.yaml")


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A contract of its own, compiled and remembered; compiling it anew is an error from now on."""
    source = tmp_path / "things" / "openapi.yaml"
    source.parent.mkdir()
    source.write_bytes(CONTRACT.read_bytes())
    monkeypatch.setattr("harness.bundle.compiled.CACHE", tmp_path / "cache")
    compiled_contract(source)
    monkeypatch.setattr(harness.contract, "compile_text", _again)
    return source


class _Again(Exception):
    """The contract was compiled anew."""


def _again(*_: object) -> bytes:
    raise _Again


def test_an_unchanged_contract_is_not_compiled_again(compiled: Path) -> None:
    assert compiled_contract(compiled) == text(SERVICE)


def test_another_text_is_compiled(compiled: Path) -> None:
    compiled.write_text(compiled.read_text() + "# changed\n")
    with pytest.raises(_Again):
        compiled_contract(compiled)


def test_another_release_of_a_validator_compiles_it_again(compiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "99")
    with pytest.raises(_Again):
        compiled_contract(compiled)


def test_every_package_that_judges_a_contract_is_known() -> None:
    """A package that harness.contract imports and the key leaves out would not have its new release noticed."""
    sources = Path(str(harness.contract.__file__)).parent.glob("*.py")
    nodes = [node for path in sources for node in ast.walk(ast.parse(path.read_text()))]
    named = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    named |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    packages = {name.partition(".")[0] for name in named} - {"harness"} - sys.stdlib_module_names
    owners = importlib.metadata.packages_distributions()
    assert {owners[name][0] for name in packages} == set(compiled_module._JUDGES)


def test_other_rules_compile_it_again(compiled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "checking.py").write_text("# other rules\n")
    monkeypatch.setattr(harness.contract, "__file__", str(tmp_path / "rules" / "__init__.py"))
    with pytest.raises(_Again):
        compiled_contract(compiled)


def test_what_is_remembered_for_another_service_or_damaged_is_not_used(compiled: Path, tmp_path: Path) -> None:
    remembered = tmp_path / "cache" / "contract-things"
    other = tmp_path / "others" / "openapi.yaml"
    other.parent.mkdir()
    other.write_bytes(compiled.read_bytes())
    (tmp_path / "cache" / "contract-others").write_bytes(remembered.read_bytes())
    with pytest.raises(_Again):
        compiled_contract(other)
    remembered.write_bytes(remembered.read_bytes()[:-1])
    with pytest.raises(_Again):
        compiled_contract(compiled)


def test_an_unchanged_contract_imports_no_validator() -> None:
    compiled_contract(CONTRACT)
    script = (
        "import pathlib, sys, harness.bundle.compiled;"
        f"harness.bundle.compiled.compiled_contract(pathlib.Path({str(CONTRACT)!r}));"
        "print([name for name in ('openapi_spec_validator', 'jsonschema', 'pydantic') if name in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": str(REPO / "scripts")}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "[]"


def test_zip_bytes_is_a_zip() -> None:
    assert zipfile.ZipFile(io.BytesIO(zip_bytes({"a/b": b"x"}))).read("a/b") == b"x"
