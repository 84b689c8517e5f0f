"""Files of caches: sealed with their key and checksum, so that a torn or foreign one is never believed."""

import hashlib
import json
from pathlib import Path

from harness.base.paths import write_atomically
from harness.base.stored import read_json

FORMAT = 1


def load(file: Path, key: str) -> bytes | None:
    """Read the content :func:`store` kept in ``file`` under ``key``; None when there is none that can be believed."""
    try:
        header, _, content = file.read_bytes().partition(b"\n")
        believed = read_json(header) == _header(key, content)
    except (OSError, ValueError):
        return None
    return content if believed else None


def store(file: Path, key: str, content: bytes) -> None:
    """Keep ``content`` in ``file`` under ``key``, whole or not at all; for its owner alone, as it may hold secrets.

    Raises:
        UsageError: the folder cannot be written.
    """
    write_atomically(file, json.dumps(_header(key, content)).encode() + b"\n" + content, private=True)


def _header(key: str, content: bytes) -> dict[str, object]:
    return {"format": FORMAT, "key": key, "length": len(content), "sha256": hashlib.sha256(content).hexdigest()}
