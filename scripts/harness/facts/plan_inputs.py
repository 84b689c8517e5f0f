"""The inputs of a plan: the one list of files that a saved or kept plan is made from."""

import os
from collections.abc import Iterator
from pathlib import Path

from harness.base.paths import ACCOUNT, BUNDLES, EXCEPTIONS, PARITY, REPO, SHARED, built_files
from harness.facts.blueprint import BLUEPRINT
from harness.facts.service import SERVICES, service_names

CACHES = (".terraform", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis")
_LEFTOVERS = ("crash.log", ".DS_Store")


def plan_inputs(name: str, tree: Path = REPO) -> set[Path]:
    """List every file that a plan of ``envs/<name>`` may read, whatever it is called: HCL can read any.

    They are all that a copy of the tree to plan in has: the root, what roots share, the modules, the facts and code of
    services, ``blueprint.yaml``, and of every service the zip and what stands beside it.
    """
    bundles = tree / BUNDLES.relative_to(REPO)
    built = {path for service in service_names(tree) for path in built_files(service, bundles)}
    folders = (tree / "envs" / name, tree / "envs" / SHARED, tree / "modules", tree / SERVICES)
    found = {tree / BLUEPRINT, *built, *(file for folder in folders for file in files_below(folder))}
    if name == ACCOUNT:  # which environments live in it
        found |= set(tree.glob("envs/*/aws.tfvars"))
    # Declarations of what differs, and exceptions to policies, are for the comparison and the scan alone.
    root = tree / "envs" / name
    found -= {root / PARITY, root / EXCEPTIONS, *tree.glob(f"{SERVICES}/*/{EXCEPTIONS}")}
    return {path for path in found if path.is_file()}


def files_below(folder: Path, inside: frozenset[str] = frozenset()) -> Iterator[Path]:
    """List files below a folder, through links to folders as Terraform goes; caches and leftovers are left out.

    Args:
        inside: real paths of the folders that are being listed, so that a link back to one of them ends.
    """
    real = os.path.realpath(folder)
    if real in inside or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name in (*CACHES, *_LEFTOVERS) or ".tfstate" in path.name:
            continue
        if path.is_dir():
            yield from files_below(path, inside | {real})
        else:
            yield path
