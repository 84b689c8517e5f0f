"""Releases of Terraform that can be installed beside the one in use, each in an environment of its own."""

import shlex
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.paths import BUILD, REPO, ensure_folder, write_atomically
from harness.base.toolset import install_pins

PINS = REPO / "requirements" / "terraform"
_LIBRARY = Path(__file__).with_name("library.py")


def releases() -> tuple[str, ...]:
    """List releases (``1.15``), oldest first: each has its pins in ``requirements/terraform``."""
    return tuple(sorted((file.stem for file in PINS.glob("*.txt")), key=_numbers))


def install_release(release: str) -> Path:
    """Install a release below ``build/``, unless it is there; return a folder that holds a program ``terraform``.

    The folder holds nothing else, so that it can stand first on PATH.

    Raises:
        UsageError: there are no pins of the release.
        ToolError: the package cannot be had.
    """
    if release not in releases():
        raise UsageError(f"no Terraform {release} to try", f"one of {', '.join(releases())}")
    place = BUILD / "terraform" / release
    install_pins(place / "venv", PINS / f"{release}.txt")
    command = shlex.join([str(place / "venv" / "bin" / "python"), str(_LIBRARY)])
    program = ensure_folder(place / "program") / "terraform"
    write_atomically(program, f'#!/bin/sh\nexec {command} "$@"\n'.encode())
    program.chmod(0o755)
    return program.parent


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))
