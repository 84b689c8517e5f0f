"""Keys of the lane's caches: what decides whether something that was kept may be used again."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from harness.base.sealed import FORMAT

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
