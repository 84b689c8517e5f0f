"""A root with ``import`` blocks beside the real one, which is never written to.

Only the planning takes place there, with the stack's own backend and data folder. The plan can be applied in the real
root: it carries its configuration, and relative paths lead to the same files.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness.base.paths import REPO, Stack, ensure_folder

# What roots reach by relative paths.
_SHARED = ("modules", "lambda", "build", "blueprint.yaml")


@contextmanager
def overlay(stack: Stack, imports: Mapping[str, str]) -> Iterator[Path]:
    """Make a folder with the stack's root and an ``import`` block for each address and id; gone afterwards.

    Raises:
        UsageError: the build folder cannot be written.
    """
    top = stack.folder / "adopt"
    shutil.rmtree(top, ignore_errors=True)
    root = ensure_folder(top / "envs" / stack.environment)
    try:
        # The same places relative to the root: modules and files are found by relative paths.
        for name in _SHARED:
            (top / name).symlink_to(REPO / name)
        for path in stack.root.iterdir():
            if path.is_file():
                shutil.copy2(path, root)
        (root / "adopted.tf").write_text(import_blocks(imports))
        yield root
    finally:
        shutil.rmtree(top, ignore_errors=True)


def import_blocks(imports: Mapping[str, str]) -> str:
    """Write HCL that adopts each id at its address."""
    return "\n".join(f"import {{\n  to = {address}\n  id = {_quoted(imports[address])}\n}}\n" for address in imports)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
