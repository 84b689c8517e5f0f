"""Packages of others reach a zip out of the very wheels that are pinned, whatever was done to the cache."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.unit.bundle.conftest import service

from harness.base.errors import ToolError
from harness.base.paths import CACHE, REPO, bundle_zip
from harness.base.pins import Pin
from harness.bundle import wheels
from harness.bundle.archive import build_bundle
from harness.bundle.wheels import faults, read_wheel, vendored

PINS = REPO / "requirements" / "lambda.txt"


class Index:
    """The package index, which serves the wheels that this clone has."""

    def __init__(self) -> None:
        self.wheels = {wheel.file: wheel for wheel in vendored(PINS)}
        (self.source,) = [path.parent for path in CACHE.glob(f"vendor-*/{min(self.wheels)}")]
        self.asked: list[str] = []

    def __call__(self, _python: Path, words: Sequence[str | Path], _pins: Path) -> None:
        assert "--require-hashes" in words
        self.asked = Path(words[-1]).read_text().splitlines()
        draft = Path(words[list(words).index("--dest") + 1])
        for name in self.wheels:
            shutil.copy(self.source / name, draft)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    served = Index()
    monkeypatch.setattr(wheels, "run_pip", served)
    monkeypatch.setattr(wheels, "CACHE", tmp_path / "cache")
    vendored(PINS)
    served.asked = []
    return served


def folder(cache: Path) -> Path:
    (found,) = cache.iterdir()
    return found


def change_a_byte(place: Path) -> str:
    file = min(place.glob("fastjsonschema*"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    return f"{file.name} is no file that is pinned; fastjsonschema=="


def add_a_path_file(place: Path) -> str:
    (place / "zzz.pth").write_text("import os\n")
    return "zzz.pth is no file that is pinned ->"


def add_a_module(place: Path) -> str:
    (place / "jmespath").mkdir()
    (place / "jmespath" / "more.py").write_text("")
    return "jmespath is no file that is pinned ->"


def remove_a_file(place: Path) -> str:
    min(place.glob("typing_extensions*")).unlink()
    return "typing-extensions==4"


def link_to_another(place: Path) -> str:
    file = min(place.glob("jmespath*"))
    file.unlink()
    file.symlink_to(min(place.glob("fastjsonschema*")))
    return "jmespath==1"


@pytest.mark.parametrize("damage", [change_a_byte, add_a_path_file, add_a_module, remove_a_file, link_to_another])
def test_what_is_changed_in_the_cache_is_told_in_one_line_and_fetched_again(
    damage: object, index: Index, tree: Path, built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service(tree, "orders")
    build_bundle(built, tree)
    before = bundle_zip("orders", built).read_bytes()
    assert index.asked == []
    told = damage(folder(tmp_path / "cache"))  # type: ignore[operator]
    capsys.readouterr()
    build_bundle(built, tree)
    said = capsys.readouterr().err
    assert re.match(r"note: \S+vendor-\w+: ", said)
    assert told in said
    assert said.endswith("-> fetched again\n")
    assert said.count("\n") == 1
    assert bundle_zip("orders", built).read_bytes() == before
    assert {file.name for file in folder(tmp_path / "cache").iterdir()} == index.wheels.keys()
    index.asked = []
    build_bundle(built, tree)
    assert index.asked == []


def test_a_cache_that_another_clone_shares_is_left_alone(index: Index, tmp_path: Path) -> None:
    place = folder(tmp_path / "cache")
    shared = tmp_path / "shared"
    place.rename(shared)
    place.symlink_to(shared)
    (shared / "zzz.pth").write_text("")
    assert {wheel.file for wheel in vendored(PINS)} == index.wheels.keys()
    assert (shared / "zzz.pth").exists()
    assert not place.is_symlink()


def test_an_index_that_serves_another_file_is_refused(index: Index, tmp_path: Path) -> None:
    shutil.rmtree(folder(tmp_path / "cache"))
    other = tmp_path / "other"
    shutil.copytree(index.source, other)
    change_a_byte(other)
    index.source = other
    with pytest.raises(
        ToolError, match=r"^fastjsonschema-\S+ is no file that is pinned; fastjsonschema==\S+ is missing \("
    ):
        vendored(PINS)
    assert list((tmp_path / "cache").iterdir()) == []


def test_compiled_code_is_refused(index: Index, tmp_path: Path) -> None:
    shutil.rmtree(folder(tmp_path / "cache"))
    other = tmp_path / "other"
    shutil.copytree(index.source, other)
    name = "fast-1-cp313-cp313-linux_x86_64.whl"
    shutil.copy(min(other.glob("fastjsonschema*")), other / name)
    index.source, index.wheels = other, {**index.wheels, name: next(iter(index.wheels.values()))}
    with pytest.raises(ToolError, match=rf"brings compiled code \({re.escape(name)}\) -> vendor pure-Python"):
        vendored(PINS)


def test_pins_are_those_of_the_functions_system_whatever_this_machine_is(index: Index, tmp_path: Path) -> None:
    sums = {wheel.metadata["Name"]: wheel.sha256 for wheel in index.wheels.values()}
    file = tmp_path / "pins.txt"
    lines = {
        "fastjsonschema": "sys_platform == 'linux' and python_full_version >= '3.13'",
        "jmespath": "sys_platform == 'win32'",
        "typing_extensions": "platform_machine == 'x86_64'",
    }
    versions = {wheel.metadata["Name"]: wheel.metadata["Version"] for wheel in index.wheels.values()}
    file.write_text("".join(f"{n}=={versions[n]} ; {m} --hash=sha256:{sums[n]}\n" for n, m in lines.items()))
    index.wheels = {name: wheel for name, wheel in index.wheels.items() if name.startswith("fastjsonschema")}
    assert [wheel.metadata["Name"] for wheel in vendored(file)] == ["fastjsonschema"]
    assert index.asked == [f"fastjsonschema=={versions['fastjsonschema']} --hash=sha256:{sums['fastjsonschema']}"]


@pytest.mark.parametrize("marker", ["python_versoin > '3'", "python_version > '3' # why", "os_name"])
def test_a_marker_that_is_none_is_told_in_one_line(marker: str, tmp_path: Path) -> None:
    file = tmp_path / "pins.txt"
    file.write_text(f"one==1 ; {marker} --hash=sha256:{'a' * 64}\n")
    with pytest.raises(ToolError) as refused:
        vendored(file)
    assert str(refused.value) == f"{marker} is no marker ({file}) -> write one as python_version >= '3.13'"


def test_faults_are_none_when_all_is_as_it_is_pinned() -> None:
    data = b"a wheel"
    pin = Pin("one", "1", "", (hashlib.sha256(data).hexdigest(), "0" * 64))
    assert faults({"one.whl": data}, [pin]) == []
    assert faults({}, [pin]) == ["one==1 is missing"]
    assert faults({"one.whl": data, "x": None}, [pin]) == ["x is no file that is pinned"]


def test_a_wheel_is_read_as_it_would_be_installed() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (
            "one/",
            "one/a.py",
            "one-1.data/purelib/two.py",
            "one-1.data/scripts/run",
            "one-1.dist-info/RECORD",
        ):
            archive.writestr(name, name)
        archive.writestr("one-1.dist-info/METADATA", "Name: one\nVersion: 1\n")
    wheel = read_wheel("one-1-py3-none-any.whl", buffer.getvalue())
    assert wheel.files == {"one/a.py": b"one/a.py", "two.py": b"one-1.data/purelib/two.py"}
    assert (wheel.metadata["Name"], wheel.metadata["Version"]) == ("one", "1")
    assert wheel.sha256 == hashlib.sha256(buffer.getvalue()).hexdigest()
