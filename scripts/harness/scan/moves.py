"""Read the ``moved`` blocks of a root: what plans without a state cannot know of."""

import re
from collections.abc import Iterator
from pathlib import Path

import hcl2
from lark.exceptions import LarkError

from harness.base.errors import HarnessError
from harness.base.paths import shown
from harness.base.texts import text_of
from harness.plan.moving import Moved

_BLOCK = re.compile(r"^\s*moved\s*\{", re.MULTILINE)


def moves_of(root: Path) -> tuple[Moved, ...]:
    """List the ``moved`` blocks of a root's own files; those inside of modules are not read.

    Raises:
        HarnessError: a file with such blocks cannot be read.
    """
    return tuple(move for file in sorted(root.glob("*.tf")) for move in _moves(file))


def _moves(file: Path) -> Iterator[Moved]:
    text = text_of(file)
    if not _BLOCK.search(text):
        return
    try:
        blocks = hcl2.loads(text).get("moved", [])
    except LarkError as error:
        wrong = f"{shown(file)}: its moved blocks cannot be read"
        raise HarnessError(wrong, "write them into a file of their own") from error
    for block in blocks:
        yield Moved(*(str(block[side]).removeprefix("${").removesuffix("}") for side in ("from", "to")))
