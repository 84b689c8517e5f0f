"""Results as JSON under ``build/reports/``: one file a verb, written atomically, for scripts and CI."""

import json
from collections.abc import Mapping
from pathlib import Path

from harness.base.paths import REPORTS, write_atomically


def write_report(name: str, content: Mapping[str, object]) -> Path:
    """Write ``build/reports/<name>.json`` and return its path.

    Raises:
        UsageError: the build folder cannot be written.
    """
    path = REPORTS / f"{name}.json"
    write_atomically(path, (json.dumps(content, indent=2, sort_keys=True, default=str) + "\n").encode())
    return path
