"""Virtual environments and vendored packages from exact pins. Standard library only: it runs before they exist."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import CHECKOV_VENV, REPO, RUNTIME_VENV, VENV, ensure_folder, write_atomically
from harness.base.process import run
from harness.base.pythons import runtime_version

_HARNESS, _CHECKOV = REPO / "requirements" / "harness.txt", REPO / "requirements" / "checkov.txt"
# Beside what was installed: the pins it was made from.
_STAMP = ".installed"
# Only wheels; packages bring no others, because every one is pinned.
_VENDORED: list[str | Path] = ["--no-deps", "--only-binary", ":all:", "--python-version"]
_REMEDY = "check that the package index is reachable (pip config list) and run make setup again"


def installed() -> bool:
    """Tell if both virtual environments hold what is pinned."""
    return all(_up_to_date(folder, pins) for folder, pins in ((VENV, _HARNESS), (CHECKOV_VENV, _CHECKOV)))


def install_harness() -> None:
    """Create ``build/venv`` with the packages of ``requirements/harness.txt`` when it is not up to date."""
    _install(VENV, _HARNESS, VENV / "bin" / "uv")


def install_checkov() -> None:
    """Create ``build/venv-checkov``: its pins clash with the harness's, so it lives alone."""
    _install(CHECKOV_VENV, _CHECKOV, VENV / "bin" / "uv")


def install_pins(folder: Path, pins: Path) -> None:
    """Create an environment with the packages of ``pins`` at ``folder``, when it is not up to date.

    Raises:
        ToolError: a package cannot be had.
    """
    _install(folder, pins, VENV / "bin" / "uv")


def install_runtime(python: Path) -> Path:
    """Create ``build/venv-runtime``, the harness's packages on the functions' Python; return its interpreter."""
    _install(RUNTIME_VENV, _HARNESS, VENV / "bin" / "uv", python)
    return RUNTIME_VENV / "bin" / "python"


def find_python(version: str) -> Path:
    """Find an interpreter of a version, as ``3.13``: this one, one on the path, or one of pyenv's.

    Raises:
        ToolError: there is none.
    """
    named = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    known = [Path(sys.executable), *([Path(named)] if named else []), *pyenv.glob(f"{version}.*/bin/python{version}")]
    found = next((python for python in known if _version_of(python) == version), None)
    if found is None:
        raise ToolError(
            f"there is no Python {version} on this machine", f"install it, so that python{version} is found"
        )
    return found


def _version_of(python: Path) -> str:
    """Return an interpreter's version; empty for a name that runs nothing, as some of pyenv's on the path."""
    try:
        return run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).stdout.strip()
    except ToolError:
        return ""


def vendor(requirements: Path, destination: Path) -> None:
    """Install pure-Python ``requirements`` into ``destination``, for the function's zip.

    Raises:
        ToolError: a package cannot be had, or holds compiled code that would not run on the function's arm64.
    """
    shutil.rmtree(destination, ignore_errors=True)
    ensure_folder(destination.parent)
    wheels = [*_VENDORED, runtime_version()]
    _uv_or_pip(
        VENV / "bin" / "uv",
        ["pip", "install", *wheels, "--python", VENV / "bin" / "python"],
        VENV / "bin" / "python",
        wheels,
        ["--target", destination, "-r", requirements],
    )
    compiled = [path.name for path in destination.rglob("*") if path.suffix in {".so", ".pyd", ".dylib"}]
    if compiled:
        shutil.rmtree(destination)
        raise ToolError(f"{requirements.name} brings compiled code ({compiled[0]})", "vendor pure-Python packages only")


def _install(folder: Path, requirements: Path, uv: Path, of: Path | str = sys.executable) -> None:
    if _up_to_date(folder, requirements):
        return
    ensure_folder(folder.parent)
    # What another run began and did not end, as one without the venv module, has no stamp.
    if not all((folder / part).exists() for part in ("bin/python", _STAMP)):
        run(
            [of, "-m", "venv", "--clear", folder],
            remedy="install the venv module of your Python (Debian and Ubuntu: apt install python3-venv)",
        )
    if not uv.exists():
        run(
            [
                uv.parent / "python",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                _pin("uv"),
            ],
            remedy=_REMEDY,
        )
    _sync(folder, requirements, uv)
    write_atomically(folder / _STAMP, _stamp_text(requirements).encode())


def _sync(folder: Path, requirements: Path, uv: Path) -> None:
    python = folder / "bin" / "python"
    _uv_or_pip(uv, ["pip", "sync", "--python", python, requirements], python, ["-r", requirements], [])


def _uv_or_pip(
    uv: Path, arguments: list[str | Path], python: Path, for_pip: list[str | Path], both: list[str | Path]
) -> None:
    """uv is ten times faster; pip knows what uv does not read: pip's own configuration (a company's index)."""
    try:
        # The machine's certificates, as pip uses them: a company's network may have its own.
        run([uv, *arguments, "--quiet", "--system-certs", *both])
    except ToolError:
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, *for_pip, *both], remedy=_REMEDY)


def _up_to_date(folder: Path, requirements: Path) -> bool:
    """Tell if the folder holds the pins. Whose Python asks is no matter; that its own is still there, is."""
    stamp = folder / _STAMP
    wanted = _stamp_text(requirements).split()[0]
    return (folder / "bin" / "python").exists() and stamp.exists() and stamp.read_text().split()[:1] == [wanted]


def _stamp_text(requirements: Path) -> str:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    return f"{digest} python {sys.version_info[0]}.{sys.version_info[1]}\n"


def _pin(package: str) -> str:
    lines = _HARNESS.read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{package}=="))
