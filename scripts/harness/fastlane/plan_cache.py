"""Plans kept between test sessions, keyed on the content of everything they were made from.

tftest's own cache looks at the root folder alone: after a *module* was edited it returned the old plan. The key here
covers every file of the root, of each local module below it and of each path that their HCL names through
``path.root`` or ``path.module`` (contract, zip), the variables, both binaries, and the environment's say in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.fastlane import sealed
from harness.fastlane.lane import Lane
from harness.fastlane.usage import configuration_files

_MODULE = re.compile(r'"?\bsource"?\s*[=:]\s*"(\.{1,2}/[^"]*)"')
_PATH = re.compile(r"\$\{path\.(root|module)\}/([^\"$\s]+)")
#: What makes a plan differ with the moment or the place it is made in, which no content can tell.
_FICKLE = re.compile(r"\bplantimestamp\s*\(|\bpath\.cwd\b|\babspath\s*\(|\bpathexpand\s*\(")
_LEFTOVERS = (".terraform", "crash.log", ".terraform.tfstate.lock.info")


def cached_plan(
    lane: Lane,
    root: Path,
    folder: Path,
    *,
    extra: Iterable[Path] = (),
    variables: Mapping[str, object] | None = None,
) -> bytes:
    """:meth:`Lane.plan`, or its result for the very same inputs from an earlier call.

    Not part of the key: what a data source reads from an account. Use it on plans made against the offline stub.

    Args:
        lane: makes the plan when it is not in the cache.
        root: the root module.
        folder: where plans are kept, ``build/cache/plans``.
        extra: further files or folders the plan reads, by paths that HCL computes.
        variables: as for :meth:`Lane.plan`.

    Raises:
        ToolError: as for :meth:`Lane.plan`; refused plans are not kept.
    """
    files = input_files(root, extra)
    key = fingerprint(root, files, [variables or {}, lane.fingerprint])
    kept = folder / f"{key[:32]}.plan"
    fickle = any(_FICKLE.search(_text(file)) for file in files if file.name.endswith((".tf", ".tf.json")))
    plan = None if fickle else sealed.load(kept, key)
    if plan is None:
        plan = lane.plan(root, variables=variables)
        if not fickle and key == fingerprint(root, input_files(root, extra), [variables or {}, lane.fingerprint]):
            sealed.store(kept, key, plan)  # else somebody edited while it was made: of which version is it?
    return plan


def fingerprint(root: Path, files: Iterable[Path], facts: object) -> str:
    """Hash of ``files`` (their place relative to ``root``, and content, or that they are absent) and ``facts``."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "absent"
        digest.update(json.dumps([os.path.relpath(file, root), content]).encode())
    return digest.hexdigest()


def input_files(root: Path, extra: Iterable[Path] = ()) -> set[Path]:
    """Every file a plan of ``root`` may read: root, local modules, paths named in HCL, ``extra``."""
    folders, waiting, named = set[Path](), [_plain(root)], set[Path](map(_plain, extra))
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
    """The files below ``place``, or ``place`` itself where it is a file or absent."""
    if not place.is_dir():
        return (place,)
    return (file for file in place.rglob("*") if file.is_file() and not set(file.parts) & set(_LEFTOVERS))


def _plain(path: Path) -> Path:
    """Absolute and without ``..``, but with symbolic links left alone, as Terraform resolves paths."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve() would follow the links


def _text(file: Path) -> str:
    return file.read_text(errors="replace") if file.is_file() else ""
