"""The stored schema answer of one provider binary. A file that is torn, altered or of another binary is not believed.

Kept whole (5 MB), not trimmed: cutting it down takes milliseconds, so a module that starts to use a new type needs
no new file, and no cache can lack a type its provider has.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from harness.paths import write_atomically

FORMAT = 1


def identity(provider: Path) -> str:
    """A key for exactly this file on this machine: path, size, inode, times. Hashing 700 MB would cost 0.5 s a run.

    The change time is part of it because, unlike the modification time, no tool can set it back.

    Raises:
        OSError: the file cannot be read.
    """
    path = provider.resolve(strict=True)
    stat = path.stat()
    facts = (FORMAT, str(path), stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def cache_file(cache_dir: Path, key: str) -> Path:
    """Where the schema of the provider with this :func:`identity` is kept."""
    return cache_dir / f"schema-{key[:16]}.bin"


def load(cache_dir: Path, key: str) -> bytes | None:
    """The stored schema answer, or None when there is none that can be believed."""
    try:
        header, _, body = cache_file(cache_dir, key).read_bytes().partition(b"\n")
        believed = json.loads(header) == _header(key, body)
    except (OSError, ValueError):
        return None
    return body if believed else None


def store(cache_dir: Path, key: str, body: bytes) -> None:
    """Keep ``body``.

    Raises:
        UsageError: the folder cannot be written.
    """
    write_atomically(cache_file(cache_dir, key), json.dumps(_header(key, body)).encode() + b"\n" + body)


def _header(key: str, body: bytes) -> dict[str, object]:
    return {"format": FORMAT, "key": key, "length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
