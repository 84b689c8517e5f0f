"""Offline plans that are made once: kept below ``build/`` until something that they are made from has changed."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.base.paths import CACHE, REPO, write_atomically
from harness.facts.plan_inputs import plan_inputs
from harness.fastlane.plan_cache import fingerprint
from harness.plan import Plan, read_plan
from harness.scan.plans import copy_tree, make_plans
from harness.terraform.binary import find_terraform

_VERSION = ".terraform-version"
HARNESS = REPO / "scripts" / "harness"
# Code that a plan depends on, below the harness.
_MAKERS = ("scan/plans.py", "aws/offline.py", "fastlane/*.py", "terraform/*.py")


def kept_plans(names: Sequence[str]) -> dict[str, Plan]:
    """Plan environments as if nothing were deployed, or return the plans kept of the very same files. Prints nothing.

    Every service's zip, and the contract beside it, must have been built.

    Raises:
        HarnessError: Terraform rejects the configuration.
    """
    keys = {name: _key(name) for name in names}
    found = {name: data for name, key in keys.items() if (data := _kept(name, key)) is not None}
    missing = tuple(name for name in names if name not in found)
    if missing:
        with tempfile.TemporaryDirectory(prefix="plans-") as folder:
            copy_tree(REPO, Path(folder))
            made = make_plans(Path(folder), missing, made_up_key=False)
        for name in missing:
            _keep(name, keys[name], made[name])
        found |= made
    return {name: read_plan(found[name]) for name in names}


def _key(name: str) -> str:
    """Hash everything that a plan is made from: files, Terraform, variables of the shell, and how it is made."""
    ours = [file for pattern in _MAKERS for file in HARNESS.glob(pattern)]
    terraform = find_terraform()
    binary = [terraform.stat().st_size, terraform.stat().st_mtime_ns] if terraform.exists() else []
    # Terraform's own settings can change a plan: variables, words of the command line, the workspace.
    settings = sorted(f"{key}={value}" for key, value in os.environ.items() if key.startswith("TF_"))
    files = {*plan_inputs(name, REPO), REPO / _VERSION, *ours}
    return fingerprint(REPO / "envs" / name, files, [name, str(terraform), binary, settings])


def _place(name: str) -> Path:
    return CACHE / "offline" / f"{name}.json"


def _kept(name: str, key: str) -> bytes | None:
    """Return a plan that is whole, and of this key."""
    if not _place(name).is_file():
        return None
    known, _, data = _place(name).read_bytes().partition(b"\n")
    return data if known.decode(errors="replace") == f"{key} {hashlib.sha256(data).hexdigest()}" else None


def _keep(name: str, key: str, data: bytes) -> None:
    if _place(name).is_dir():
        shutil.rmtree(_place(name))
    write_atomically(_place(name), f"{key} {hashlib.sha256(data).hexdigest()}\n".encode() + data)
    _place(name).chmod(0o600)
