"""Virtual environments from exact pins, each file verified by its checksum. Standard library: they do not exist yet."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import CHECKOV_VENV, REPO, RUNTIME_VENV, VENV, ensure_folder, shown, write_atomically
from harness.base.pins import REQUIREMENTS, chosen, other_file, parse_pins, pin_files, read_pins
from harness.base.process import last_line, run
from harness.base.texts import text_of

_HARNESS, _CHECKOV = REQUIREMENTS / "harness.txt", REQUIREMENTS / "checkov.txt"
# Beside what was installed: the pins it was made from.
_STAMP = ".installed"
# Wheels run no code when they are installed. One package has none, and is built with the pins of build.txt alone.
_BUILDS = REQUIREMENTS / "build.txt"
_HASHED: tuple[str, ...] = ("--require-hashes", "--only-binary", ":all:", "--no-binary", "python-terraform")
_COMPILE = ("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--python-version", "3.11")
_ENDED = (0, 1, 2)
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
    """Find an interpreter of a version, as ``3.13``: this one, one on the path, one of pyenv's or of uv's.

    Raises:
        ToolError: there is none.
    """
    named = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python")
    installed = (*pyenv.glob(f"{version}.*/bin/python{version}"), *uv.glob(f"*-{version}.*/bin/python{version}"))
    known = [Path(sys.executable), *([Path(named)] if named else []), *installed]
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


def _install(folder: Path, requirements: Path, uv: Path, of: Path | str = sys.executable) -> None:
    if _up_to_date(folder, requirements):
        return
    _make_environment(folder, of)
    if not uv.exists():
        _install_uv(uv.parent / "python")
    _sync(folder, requirements, uv)
    write_atomically(folder / _STAMP, _stamp_text(requirements).encode())


def _install_uv(python: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pins:
        pins.write(chosen(_HARNESS, ["uv"]))
        pins.flush()
        run_pip(python, ["install", "--no-deps", *_HASHED, "-r", pins.name], _HARNESS)


def _sync(folder: Path, requirements: Path, uv: Path) -> None:
    """uv is ten times faster; pip knows what uv does not read: pip's own configuration (a company's index)."""
    read_pins(requirements)
    python = folder / "bin" / "python"
    builds: list[str | Path] = [
        "--require-build-hashes",
        "--preview-features",
        "build-dependency-hashes",
        "--build-constraints",
        _BUILDS,
    ]
    # The machine's certificates, as pip uses them: a company's network may have its own.
    quiet = ["pip", "sync", "--quiet", "--system-certs"]
    synced = run([uv, *quiet, "--python", python, *_HASHED, *builds, requirements], accept=_ENDED)
    _require_pinned_files(synced.stderr, requirements)
    if synced.returncode:
        run_pip(python, ["install", "--no-deps", *_HASHED, "-r", _BUILDS], _BUILDS)
        run_pip(python, ["install", "--no-deps", "--no-build-isolation", *_HASHED, "-r", requirements], requirements)


def run_pip(python: Path, words: Sequence[str | Path], pins: Path) -> None:
    """Run pip over the pins of a file.

    Raises:
        ToolError: pip failed, or was offered a file whose checksum is not pinned.
    """
    done = run([python, "-m", "pip", *words, "--quiet", "--disable-pip-version-check"], accept=_ENDED)
    _require_pinned_files(done.stderr, pins)
    if done.returncode:
        raise ToolError(f"pip failed ({done.returncode}): {last_line(done.stderr)}", _REMEDY)


def _require_pinned_files(printed: str, pins: Path) -> None:
    if refused := other_file(printed):
        remedy = "do not use that file, and find out who serves it (pip config list); make lock pins it if it is right"
        raise ToolError(f"{refused} ({shown(pins)})", remedy)


def _make_environment(folder: Path, of: Path | str = sys.executable) -> None:
    ensure_folder(folder.parent)
    # What another run began and did not end, as one without the venv module, has no stamp.
    if not all((folder / part).exists() for part in ("bin/python", _STAMP)):
        run(
            [of, "-m", "venv", "--clear", folder],
            remedy="install the venv module of your Python (Debian and Ubuntu: apt install python3-venv)",
        )


def lock(words: Sequence[str] = (), tree: Path = REPO) -> tuple[Path, ...]:
    """Pin what each ``requirements/*.in`` asks for, and fill in checksums elsewhere; return the files that changed.

    Args:
        words: further options of ``uv pip compile``; without any, versions stay.

    Raises:
        ToolError: a package cannot be had.
    """
    _make_environment(VENV)
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        _install_uv(VENV / "bin" / "python")
    sources: dict[Path, list[str | Path]] = {
        source.with_suffix(".txt"): [source] for source in tree.glob("requirements/*.in")
    }
    before = {file: file.read_bytes() for file in pin_files(tree)}
    for file in before.keys() - sources.keys():
        if not all(pin.hashes for pin in parse_pins(text_of(file, error=ToolError), shown(file))):
            sources[file] = ["--no-deps", file]
    for file, source in sources.items():
        run([uv, "pip", "compile", "--quiet", "--system-certs", *_COMPILE, *words, "-o", file, *source], remedy=_REMEDY)
        pins = parse_pins(text_of(file, error=ToolError), shown(file))
        if bare := next((pin for pin in pins if not pin.hashes), None):
            raise ToolError(f"the package index has no checksum of {bare.title} ({shown(file)})", "use one that has")
    return tuple(file for file in pin_files(tree) if before.get(file) != file.read_bytes())


def _up_to_date(folder: Path, requirements: Path) -> bool:
    """Tell if the folder holds the pins. Whose Python asks is no matter; that its own is still there, is."""
    stamp = folder / _STAMP
    wanted = _stamp_text(requirements).split()[0]
    return (folder / "bin" / "python").exists() and stamp.exists() and stamp.read_text().split()[:1] == [wanted]


def _stamp_text(requirements: Path) -> str:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    return f"{digest} python {sys.version_info[0]}.{sys.version_info[1]}\n"
