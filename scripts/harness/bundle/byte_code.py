"""Byte-code for a zip, compiled by the function's own Python, so that a cold start compiles nothing.

Lambda's file system is read-only: what is not in the zip is compiled at each cold start. Byte-code is for one minor
release of Python, and two builds of it write other bytes; so what plans compare is the hash of the zip without it.
"""

import hashlib
import io
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from harness.base import sealed
from harness.base.errors import ToolError
from harness.base.paths import CACHE, VENV, ensure_folder, shown
from harness.base.process import last_line
from harness.base.progress import say
from harness.base.toolset import find_python

_UNPACKED = "/var/task"
"""Folder that Lambda unpacks zips to: byte-code names a folder, and with a temporary one it would differ each time."""
_SECONDS = 300.0

Files = Mapping[str, bytes]


def byte_code(members: Files, release: str) -> dict[str, bytes]:
    """Compile the modules of a zip; return byte-code by the name under which Python looks for it.

    Python believes it without a look at its source: both come in one zip. It is kept for the next time, by package.
    Without a Python of that release there is none, and it is said how to get one.

    Args:
        members: content of the zip by name.
        release: of the function's Python, as ``3.13``.

    Raises:
        ToolError: a module is no Python of that release.
    """
    modules = sorted((name, data) for name, data in members.items() if name.endswith(".py"))
    packages = [dict(found) for _, found in groupby(modules, lambda member: member[0].partition("/")[0])]
    kept = {_kept(package, release): package for package in packages}
    found = {file: sealed.load(file, file.name) for file in kept}
    if lacking := [file for file, content in found.items() if content is None]:
        try:
            python = find_python(release)
        except ToolError as error:
            install = f"{shown(VENV)}/bin/uv python install {release}"
            say(f"note: {error.tried}: zips without byte-code, slower cold starts -> {install}")
            return {}
        for file in lacking:
            found[file] = content = _compiled(kept[file], python)
            sealed.store(file, file.name, content)
    return {name: data for content in found.values() if content for name, data in _unpacked(content)}


def _kept(package: Files, release: str) -> Path:
    parts = (release.encode(), *(part for name, data in package.items() for part in (name.encode(), data)))
    key = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    return CACHE / f"byte-code-{key[:32]}"


def _unpacked(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return [(name, found.read(name)) for name in found.namelist()]


def _compiled(package: Files, python: Path) -> bytes:
    made = io.BytesIO()
    with tempfile.TemporaryDirectory(dir=ensure_folder(CACHE), prefix="byte-code-") as scratch:
        for name, data in package.items():
            source = Path(scratch) / name
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_bytes(data)
        words = ["-m", "compileall", "-q", "-s", scratch, "-p", _UNPACKED, "--invalidation-mode", "unchecked-hash"]
        command = [str(python), "-I", "-W", "ignore", *words, scratch]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if done.returncode:
            said = last_line(done.stdout + done.stderr)
            raise ToolError(f"a module of the zip is no Python of the function's release: {said}", "mend it")
        with zipfile.ZipFile(made, "w") as archive:
            for path in sorted(Path(scratch).rglob("*.pyc")):
                archive.write(path, path.relative_to(scratch).as_posix())
    return made.getvalue()
