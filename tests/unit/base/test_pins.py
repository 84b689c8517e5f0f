"""Nothing is installed but the very files that are pinned, and a file without a checksum is none."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import venv
import zipfile
from pathlib import Path
from typing import Any

import pip
import pytest

from harness.base import toolset
from harness.base.errors import ToolError
from harness.base.paths import REPO, VENV
from harness.base.pins import Pin, chosen, other_file, parse_pins, pin_files, placed_pins, read_pins
from harness.base.process import run

A, B = "a" * 64, "b" * 64
UV = """\
error: Failed to download `one==1`
  cause: Hash mismatch for `one==1`

         Expected:
           sha256:aaaa

         Computed:
           sha256:bbbb
"""
PIP = """\
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, …
    one==1 from file:///x/one-1-py3-none-any.whl (from -r x.txt (line 1)):
        Expected sha256 aaaa
             Got        bbbb
"""


def test_every_pin_has_the_checksums_of_its_files() -> None:
    files = pin_files()
    assert REPO / "requirements" / "terraform" / "1.15.txt" in files
    assert {source.with_suffix(".txt") for source in (REPO / "requirements").glob("*.in")} <= set(files)
    assert all(pin.hashes for file in files for pin in read_pins(file))


def test_no_file_of_pins_says_where_packages_come_from() -> None:
    assert [
        file.name for file in pin_files() if re.search(r"://|--(extra-)?index|--find-links", file.read_text())
    ] == []


def test_a_pin_is_read_whole() -> None:
    text = f"# why\n\none==1.0 ; python_version < '3.12' \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\ntwo==2\n"
    assert parse_pins(text, "x") == (Pin("one", "1.0", "python_version < '3.12'", (A, B)), Pin("two", "2", "", ()))


@pytest.mark.parametrize("line", ["one", "one>=1", "-r other.txt", "one @ https://x/one.whl", "one==1 --hash=md5:abc"])
def test_what_is_no_exact_version_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(f"{line}\n")
    with pytest.raises(ToolError, match=r" is no exact version \(.*x\.txt\) -> write NAME==VERSION and run make lock"):
        read_pins(tmp_path / "x.txt")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"# a comment \\\nsix==1.16.0 --hash=sha256:{A}\n", 1),
        (f"one==1 \\\n    --hash=sha256:{A}\n\n  # why\\\nsix==1.16.0 --hash=sha256:{A}\n", 4),
        (f"one==1 --hash=sha256:{A} # why \\\nsix==1.16.0 --hash=sha256:{A}\n", 1),
    ],
)
def test_a_comment_hides_no_pin_that_pip_reads(text: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(text)
    with pytest.raises(ToolError) as refused:
        read_pins(tmp_path / "x.txt")
    assert str(refused.value) == (
        f"{tmp_path / 'x.txt'}:{line}: a comment ends with a backslash, and would hide the next line from a review"
        " -> take the backslash away"
    )


def test_pins_are_found_where_they_begin(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text(f"# why\n\n  one==1 \\\n    --hash=sha256:{A}\ntwo==2; os_name == 'nt' \\\n --hash=sha256:{B}\n")
    assert [(pin.title, line) for pin, line in placed_pins(file).items()] == [("one==1", 3), ("two==2", 5)]


def test_a_file_of_pins_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes(b"# caf\xe9\none==1\n")
    with pytest.raises(ToolError, match=r"x\.txt is no UTF-8 -> save it as UTF-8$"):
        read_pins(file)
    tree = tmp_path / "tree"
    (tree / "requirements").mkdir(parents=True)
    file.rename(tree / "requirements" / "x.txt")
    with pytest.raises(ToolError, match=r"x\.txt is no UTF-8 -> save it as UTF-8$"):
        toolset.lock(tree=tree)


def test_some_pins_are_chosen_for_pip_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text(f"one==1 --hash=sha256:{A}\ntwo==2 --hash=sha256:{B}\n")
    assert chosen(file, ("two",)) == f"two==2 --hash=sha256:{B}\n"
    with pytest.raises(ToolError, match="pins no three -> run make lock"):
        chosen(file, ("one", "three"))


@pytest.mark.parametrize("printed", [UV, PIP])
def test_a_file_with_another_checksum_is_named_as_uv_and_pip_tell_it(printed: str) -> None:
    assert other_file(printed) == "one==1: SHA-256 bbbb is not pinned"
    assert other_file("error: no route to host") == ""


def wheel(folder: Path, content: str) -> str:
    """Write a small wheel and its page of an index; return its SHA-256."""
    file = folder / "one-thing" / "one_thing-1-py3-none-any.whl"
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("one_thing.py", content)
        archive.writestr("one_thing-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: one-thing\nVersion: 1\n")
        archive.writestr(
            "one_thing-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("one_thing-1.dist-info/RECORD", "one_thing.py,,\none_thing-1.dist-info/RECORD,,\n")
    checksum = hashlib.sha256(file.read_bytes()).hexdigest()
    (file.parent / "index.html").write_text(f'<a href="{file.name}#sha256={checksum}">{file.name}</a>')
    return checksum


def make_environment(folder: Path, *_: object) -> None:
    """Make an environment in a fraction of the time, with the pip of this one."""
    if folder.exists():
        return
    venv.create(folder)
    (packages,) = folder.glob("lib/*/site-packages")
    (packages / "pip").symlink_to(Path(pip.__file__).parent)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the package index, for uv and pip; an empty environment to install into."""
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, (tmp_path / "index").as_uri())
    for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(toolset, "_BUILDS", tmp_path / "build.txt")
    (tmp_path / "build.txt").write_text("")
    monkeypatch.setattr(toolset, "_make_environment", make_environment)
    return tmp_path / "index"


@pytest.mark.parametrize("by", ["uv", "pip"])
def test_a_file_that_is_not_the_one_that_is_pinned_is_refused_in_one_line(
    by: str, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = wheel(index, "VALUE = 1\n")
    uv = VENV / "bin" / "uv"
    if by == "pip":
        uv = tmp_path / "uv"
        uv.write_text("#!/bin/sh\necho error: no route to host >&2\nexit 2\n")
        uv.chmod(0o755)
    asked = tmp_path / "asked.txt"
    asked.write_text(f"one-thing==1 --hash=sha256:{found}\n")
    toolset._install(tmp_path / "venv", asked, uv)
    (installed,) = (tmp_path / "venv").glob("lib/*/site-packages/one_thing.py")
    assert installed.read_text() == "VALUE = 1\n"
    for kept in ("venv", "cache"):
        shutil.rmtree(tmp_path / kept, ignore_errors=True)
    other = wheel(index, "VALUE = 2  # edited\n")
    if by == "uv":
        monkeypatch.setattr(toolset, "run_pip", pytest.fail)
    with pytest.raises(ToolError) as refused:
        toolset._install(tmp_path / "venv", asked, uv)
    assert str(refused.value).startswith(
        f"one-thing==1: SHA-256 {other} is not pinned ({asked}) -> do not use that file"
    )
    assert "\n" not in str(refused.value)
    assert list((tmp_path / "venv").glob("lib/*/site-packages/one_thing.py")) == []
    assert not (tmp_path / "venv" / ".installed").exists()


def test_a_pin_without_a_checksum_is_refused_before_anything_is_asked_for(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked.txt"
    asked.write_text("one-thing==1\n")
    ran: list[object] = []
    monkeypatch.setattr(toolset, "run", lambda command, **_: ran.append(command))
    with pytest.raises(ToolError, match=r"^one-thing==1 has no checksum \(.*asked\.txt\) -> run make lock"):
        toolset._install(tmp_path / "venv", asked, VENV / "bin" / "uv")
    assert ran == []


def test_uv_itself_is_installed_with_its_checksums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def run_pip(_python: Path, words: list[str], _pins: Path) -> None:
        assert "--require-hashes" in words
        assert "--no-deps" in words
        seen.append(Path(words[-1]).read_text())

    monkeypatch.setattr(toolset, "run_pip", run_pip)
    toolset._install_uv(tmp_path / "python")
    (text,) = seen
    assert re.fullmatch(r"uv==\S+( --hash=sha256:[0-9a-f]{64})+\n", text)


def test_only_what_has_no_wheel_is_built_and_with_pinned_packages_alone(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def recorded(command: list[str | Path], **options: Any) -> object:
        commands.append([str(word) for word in command])
        return run(command, **options)

    monkeypatch.setattr(toolset, "run", recorded)
    asked = tmp_path / "asked.txt"
    asked.write_text(f"one-thing==1 --hash=sha256:{wheel(index, '')}\n")
    toolset._install(tmp_path / "venv", asked, VENV / "bin" / "uv")
    (synced,) = [command for command in commands if "sync" in command]
    assert {"--require-hashes", "--require-build-hashes"} <= set(synced)
    assert synced[synced.index("--only-binary") + 1] == ":all:"
    assert synced[synced.index("--build-constraints") + 1] == str(tmp_path / "build.txt")


def test_lock_pins_what_is_asked_for_and_fills_in_checksums(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = wheel(index, "")
    tree = tmp_path / "tree"
    (tree / "requirements" / "terraform").mkdir(parents=True)
    (tree / "lambda" / "first").mkdir(parents=True)
    (tree / "requirements" / "set.in").write_text("one-thing\n")
    bare, whole = tree / "requirements" / "terraform" / "9.txt", tree / "lambda" / "first" / "requirements.txt"
    bare.write_text("one-thing==1\n")
    whole.write_text(f"one-thing==1 --hash=sha256:{A}\n")
    changed = toolset.lock(tree=tree)
    assert sorted(changed) == sorted([bare, tree / "requirements" / "set.txt"])
    for file in changed:
        assert read_pins(file) == (Pin("one-thing", "1", "", (found,)),)
    assert toolset.lock(tree=tree) == ()
