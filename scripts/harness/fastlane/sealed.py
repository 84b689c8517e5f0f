"""Files of the lane's caches: sealed with their key and checksum, so that a torn or foreign one is never believed."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from harness.base.paths import write_atomically
from harness.base.stored import read_json

FORMAT = 1
_INDECISIVE = ("AWS_ENDPOINT_URL", "TF_DATA_DIR", "TF_CLI_CONFIG_FILE", "TF_LOG", "TF_PLUGIN", "TF_REATTACH")


def identity(file: Path) -> str:
    """Make a key for exactly this file on this machine: path, size, inode, times.

    Hashing a provider of 700 MB would cost half a second on each run. The change time is part of it because, unlike
    the modification time, no tool can set it back.

    Raises:
        OSError: the file cannot be read.
    """
    path = file.resolve(strict=True)
    stat = path.stat()
    facts = (FORMAT, str(path), stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def decisive(env: Mapping[str, str]) -> dict[str, str]:
    """Pick the variables that decide what Terraform and the provider answer, not only where and how loudly."""
    theirs = {name: value for name, value in env.items() if name.startswith(("AWS_", "TF_"))}
    return {name: value for name, value in theirs.items() if not name.startswith(_INDECISIVE)}


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
