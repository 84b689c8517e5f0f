"""Packages are installed again when their pins change, and not otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.base import toolset
from harness.base.errors import ToolError


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two environments that hold their pins."""
    for name in ("HARNESS", "CHECKOV"):
        folder, pins = tmp_path / name, tmp_path / f"{name}.txt"
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()
        pins.write_text(f"{name}==1\n")
        (folder / ".installed").write_text(toolset._stamp_text(pins))
        monkeypatch.setattr(toolset, f"_{name}", pins)
    monkeypatch.setattr(toolset, "VENV", tmp_path / "HARNESS")
    monkeypatch.setattr(toolset, "CHECKOV_VENV", tmp_path / "CHECKOV")
    return tmp_path


def test_what_is_installed_stays(pinned: Path) -> None:
    assert toolset.installed()


def test_another_python_that_asks_is_no_reason(pinned: Path) -> None:
    stamp = pinned / "HARNESS" / ".installed"
    stamp.write_text(f"{stamp.read_text().split()[0]} python 3.99\n")
    assert toolset.installed()


@pytest.mark.parametrize("name", ["HARNESS", "CHECKOV"])
def test_other_pins_are_installed(pinned: Path, name: str) -> None:
    (pinned / f"{name}.txt").write_text(f"{name}==2\n")
    assert not toolset.installed()


@pytest.mark.parametrize("gone", ["bin/python", ".installed"])
def test_what_is_half_there_is_installed(pinned: Path, gone: str) -> None:
    (pinned / "CHECKOV" / gone).unlink()
    assert not toolset.installed()


def test_a_stamp_that_says_nothing_is_none(pinned: Path) -> None:
    (pinned / "CHECKOV" / ".installed").write_text("")
    assert not toolset.installed()


def test_a_python_without_the_venv_module_is_told_of_however_often_it_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Debian's, which makes half an environment and fails."""
    python = tmp_path / "python3"
    python.write_text(
        "#!/bin/sh\n"
        '[ "$1 $2 $3" = "-m venv --clear" ] || exit 9\n'
        'mkdir -p "$4/bin"; : > "$4/bin/python"; echo "ensurepip is not available" >&2; exit 1\n'
    )
    python.chmod(0o755)
    monkeypatch.setattr(toolset, "RUNTIME_VENV", tmp_path / "environment")
    for _ in range(2):
        with pytest.raises(ToolError) as told:
            toolset.install_runtime(python)
        assert told.value.printed == (
            "error: python3 failed (1): ensurepip is not available -> install the venv module of your Python "
            "(Debian and Ubuntu: apt install python3-venv)"
        )
