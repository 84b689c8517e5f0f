"""Packages of others for the zips: wheels below ``build/``, compared with the pins' checksums each time they are read.

Nothing is unpacked: what a zip holds is read out of files that the pins name by their SHA-256, so that no edit below
``build/`` can reach a zip.
"""

import email
import hashlib
import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import CACHE, VENV, ensure_folder, shown
from harness.base.pins import Pin, read_pins
from harness.base.progress import say
from harness.base.pythons import runtime_version
from harness.base.toolset import run_pip
from harness.bundle.markers import is_for_lambda

_PURE = "-none-any.whl"
# A wheel may have files for the packages' own folder in another place, and others that no zip needs.
_ELSEWHERE = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package as its authors built it.

    Attributes:
        file: its name.
        sha256: of the whole file, in hexadecimal.
        files: what it would install, by path; without what describes it.
        metadata: what describes it: name, version, licence.
    """

    file: str
    sha256: str
    files: Mapping[str, bytes]
    metadata: Message


def vendored(requirements: Path) -> tuple[Wheel, ...]:
    """Return the wheels of all pins of a file that are meant for Lambda, fetched where they are not whole.

    Raises:
        ToolError: a wheel cannot be had, is another file than the one that is pinned, or holds compiled code, which
            would not run on the function's arm64; a pin has a marker that is none.
    """
    pins = tuple(pin for pin in read_pins(requirements) if is_for_lambda(pin.marker, shown(requirements)))
    folder = CACHE / f"vendor-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]}"
    found = _files(folder)
    if wrong := faults(found, pins):
        if folder.exists():
            say(f"note: {shown(folder)}: {'; '.join(wrong)} -> fetched again")
        found = _fetched(pins, requirements, folder)
    return tuple(read_wheel(name, data) for name, data in sorted(found.items()) if data is not None)


def faults(found: Mapping[str, bytes | None], pins: Collection[Pin]) -> list[str]:
    """List what is wrong with the wheels that are there.

    Args:
        found: content of files by name; ``None``: no file.
    """
    wanted = {checksum: pin for pin in pins for checksum in pin.hashes}
    there = {name: wanted.get(hashlib.sha256(data).hexdigest()) if data is not None else None for name, data in
             found.items()}  # fmt: skip
    wrong = [f"{name} is no file that is pinned" for name, pin in sorted(there.items()) if pin is None]
    return wrong + [f"{pin.title} is missing" for pin in pins if pin not in there.values()]


def read_wheel(file: str, data: bytes) -> Wheel:
    """Read a wheel."""
    files, metadata = dict[str, bytes](), b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.namelist():
            top, _, rest = member.partition("/")
            if top.endswith(".dist-info"):
                metadata = archive.read(member) if rest == "METADATA" else metadata
            elif not member.endswith("/"):
                files[_ELSEWHERE.sub("", member)] = archive.read(member)
    kept = {path: content for path, content in files.items() if not path.partition("/")[0].endswith(".data")}
    return Wheel(file, hashlib.sha256(data).hexdigest(), kept, email.message_from_bytes(metadata))


def _files(folder: Path) -> dict[str, bytes | None]:
    if not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() if path.is_file() else None for path in folder.iterdir()}


def _fetched(pins: Collection[Pin], requirements: Path, folder: Path) -> dict[str, bytes | None]:
    """Download wheels into a folder beside the one they are for, which takes its place once it is whole."""
    with tempfile.TemporaryDirectory(dir=ensure_folder(CACHE), prefix="wheels-") as scratch:
        draft = ensure_folder(Path(scratch) / "wheels")
        asked = Path(scratch) / "pins.txt"
        asked.write_text("".join(f"{pin.line}\n" for pin in pins))
        words = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", runtime_version()]
        run_pip(VENV / "bin" / "python", ["download", *words, "--dest", draft, "-r", asked], requirements)
        found = _files(draft)
        _require_pure(found, requirements)
        if wrong := faults(found, pins):
            raise ToolError(f"{'; '.join(wrong)} ({shown(requirements)})", "run make lock, and review what it writes")
        _replace(folder, draft)
    return found


def _require_pure(found: Collection[str], requirements: Path) -> None:
    if compiled := sorted(name for name in found if not name.endswith(_PURE)):
        raise ToolError(
            f"{shown(requirements)} brings compiled code ({compiled[0]})",
            "vendor pure-Python packages only",
        )


def _replace(folder: Path, draft: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        draft.rename(folder)
    except OSError:
        # Another process was first; what it left is read, and compared, the next time.
        return
