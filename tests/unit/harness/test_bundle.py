"""The zip: the same bytes every time and everywhere, and nothing in it that the runtime cannot use."""

import io
import json
import os
import time
import zipfile
from pathlib import Path

import pytest
import yaml

from harness import bundle
from harness.errors import HarnessError
from harness.paths import CONTRACT


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    path = tmp_path_factory.mktemp("bundle") / "items.zip"
    bundle.build_bundle(path)
    return zipfile.ZipFile(path)


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    first = bundle.build_bundle(tmp_path / "one.zip")
    before = os.umask(0o077)
    try:
        second = bundle.build_bundle(tmp_path / "two.zip")
    finally:
        os.umask(before)
    assert first == second
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_changed_file_changes_the_bytes() -> None:
    assert bundle.zip_bytes({"a": b"1"}) != bundle.zip_bytes({"a": b"2"})


def test_bytes_do_not_depend_on_order_or_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    first = bundle.zip_bytes({"a": b"1", "b": b"2"})
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    assert bundle.zip_bytes({"b": b"2", "a": b"1"}) == first


def test_an_unchanged_zip_is_not_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "items.zip"
    bundle.build_bundle(path)
    os.utime(path, (1, 1))
    bundle.build_bundle(path)
    assert path.stat().st_mtime == 1


def test_the_handler_and_its_packages_are_in_it(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    assert {
        "items/handler.py",
        "items/store.py",
        "aws_lambda_powertools/__init__.py",
        "fastjsonschema/__init__.py",
    } <= names


def test_nothing_of_this_machine_is_in_it(archive: zipfile.ZipFile) -> None:
    foreign = [name for name in archive.namelist() if name.endswith((".so", ".pyd")) or ".dist-info/" in name]
    assert foreign == []
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_contract_in_it_is_the_contract(archive: zipfile.ZipFile) -> None:
    assert json.loads(archive.read("items/contract.json")) == yaml.safe_load(CONTRACT.read_text())


def test_the_zip_is_readable_by_anyone(archive: zipfile.ZipFile) -> None:
    assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}


def test_a_contract_that_is_not_yaml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "openapi.yaml"
    broken.write_text("paths: [")
    monkeypatch.setattr(bundle, "CONTRACT", broken)
    with pytest.raises(HarnessError, match=r"openapi\.yaml cannot be read: .*line 1"):
        bundle.build_bundle(tmp_path / "items.zip")
    assert not (tmp_path / "items.zip").exists()


def test_zip_bytes_is_a_zip() -> None:
    assert zipfile.ZipFile(io.BytesIO(bundle.zip_bytes({"a/b": b"x"}))).read("a/b") == b"x"
