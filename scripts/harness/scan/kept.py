"""Offline plans that are made once: kept below ``build/`` until something that they are made from has changed."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import harness.scan.plans
import harness.terraform.sandbox
from harness.base.paths import CACHE, REPO, write_atomically
from harness.facts.blueprint import BLUEPRINT
from harness.facts.service import SERVICES
from harness.fastlane.plan_cache import fingerprint, input_files
from harness.plan import Plan, read_plan
from harness.scan.plans import copy_tree, make_plans
from harness.terraform.binary import find_terraform

_VERSION = ".terraform-version"


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
    root = REPO / "envs" / name
    facts = [REPO / BLUEPRINT, REPO / _VERSION, *REPO.glob(f"{SERVICES}/*/*.yaml")]
    ours = [Path(str(module.__file__)) for module in (harness.scan.plans, harness.terraform.sandbox)]
    how = [
        str(find_terraform()),
        *sorted(f"{key}={value}" for key, value in os.environ.items() if key[:7] == "TF_VAR_"),
    ]
    return fingerprint(root, {*input_files(root), *facts, *ours}, [name, how])


def _place(name: str) -> Path:
    return CACHE / "offline" / f"{name}.json"


def _kept(name: str, key: str) -> bytes | None:
    """Return a plan that is whole, and of this key."""
    if not _place(name).exists():
        return None
    known, _, data = _place(name).read_bytes().partition(b"\n")
    return data if known.decode(errors="replace") == f"{key} {hashlib.sha256(data).hexdigest()}" else None


def _keep(name: str, key: str, data: bytes) -> None:
    write_atomically(_place(name), f"{key} {hashlib.sha256(data).hexdigest()}\n".encode() + data)
    _place(name).chmod(0o600)
