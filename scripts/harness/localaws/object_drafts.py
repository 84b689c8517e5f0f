"""Finish, at a start, what a local AWS that died was writing of S3's objects. It runs before ministack reads them."""

import json
from pathlib import Path

DRAFT, ABOUT = ".tmp", ".meta.json"
"""Ends of file names: of a draft that is to replace a file, and of the description of an object. No object has them."""


def finish(folder: Path) -> None:
    """Put descriptions in place whose body already is, see ``object_files``, and delete all other drafts."""
    for draft in list(folder.rglob(f"*{ABOUT}{DRAFT}")):
        about = draft.with_name(draft.name.removesuffix(DRAFT))
        body = about.with_name(about.name.removesuffix(ABOUT) + DRAFT)
        if not body.exists() and _is_whole(draft):
            draft.replace(about)
    for draft in list(folder.rglob(f"*{DRAFT}")):
        draft.unlink()


def _is_whole(draft: Path) -> bool:
    try:
        json.loads(draft.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True
