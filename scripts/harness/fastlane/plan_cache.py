"""Keys of plans that are kept: the content of everything a plan is made from, so that an edit anywhere makes it anew.

tftest's own cache looks at the root folder alone: after a *module* was edited it returned the old plan. ``input_files``
covers every file of the root, of each local module below it and of each path that their HCL names through
``path.root`` or ``path.module`` (contract, zip). It is for plans of one run that edits HCL alone, as a path that begins
with a further expression is not seen; what outlives a run takes the whole list, :mod:`harness.facts.plan_inputs`.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from harness.fastlane.usage import configuration_files

_MODULE = re.compile(r'"?\bsource"?\s*[=:]\s*"(\.{1,2}/[^"]*)"')
_PATH = re.compile(r"\$\{path\.(root|module)\}/([^\"$\s]+)")
_LEFTOVERS = (".terraform", "crash.log", ".terraform.tfstate.lock.info")


def fingerprint(root: Path, files: Iterable[Path], facts: object) -> str:
    """Hash ``files`` (their place relative to ``root``, and content, or that they are absent) and ``facts``."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "absent"
        digest.update(json.dumps([os.path.relpath(file, root), content]).encode())
    return digest.hexdigest()


def input_files(root: Path) -> set[Path]:
    """List the files that a plan of ``root`` is seen to read: root, local modules, paths named in HCL."""
    folders, waiting, named = set[Path](), [_plain(root)], set[Path]()
    while waiting:
        folder = waiting.pop()
        if folder in folders:
            continue
        folders.add(folder)
        for text in map(_text, configuration_files(folder)):
            waiting += [_plain(folder / source) for source in _MODULE.findall(text)]
            for base, path in _PATH.findall(text):
                named.add(_plain((root if base == "root" else folder) / path))
    return {file for place in folders | named for file in _files(place)}


def _files(place: Path) -> Iterable[Path]:
    """List the files below ``place``, or ``place`` itself where it is a file or absent."""
    if not place.is_dir():
        return (place,)
    return (file for file in place.rglob("*") if file.is_file() and not set(file.parts) & set(_LEFTOVERS))


def _plain(path: Path) -> Path:
    """Make a path absolute and free of ``..``, symbolic links left alone, as Terraform resolves paths."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve() would follow the links


def _text(file: Path) -> str:
    return file.read_text(errors="replace") if file.is_file() else ""
