"""Parsed HCL, each text once: the parser takes seconds for the whole repository."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import hcl2


@lru_cache(maxsize=512)
def _parsed(text: str) -> dict[str, Any]:
    return hcl2.loads(text)


def own_files(folder: Path) -> list[Path]:
    """List the HCL that stands in a folder; a file that it links to stands elsewhere."""
    return [file for file in sorted(folder.glob("*.tf")) if not file.is_symlink()]


def parsed(file: Path) -> dict[str, Any]:
    """Return a file's content; not to be changed."""
    return _parsed(file.read_text())
