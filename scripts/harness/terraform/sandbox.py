"""Copies of the tree in which Terraform may plan: nothing of them reaches an account or the tree itself."""

import re
import shutil
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import REPO
from harness.facts.blueprint import BLUEPRINT
from harness.facts.service import SERVICES

LOCK = ".terraform.lock.hcl"
OVERRIDE = "backend_override.tf"
_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
_IMPORT = re.compile(rb"^import \{.*?^\}$", re.MULTILINE | re.DOTALL)
_LEFTOVERS = (".terraform", "*.tfstate*")


def copy_sources(source: Path, tree: Path, *, symlinks: bool = False) -> None:
    """Copy roots, modules and facts into ``tree``, in the same relative places; bundles are left to the caller.

    Args:
        tree: an empty folder.
        symlinks: keep the links of roots to shared files, so that an edit of a shared file reaches every root; by
            default each root gets files of its own.
    """
    for name in ("envs", "modules"):
        shutil.copytree(source / name, tree / name, symlinks=symlinks, ignore=shutil.ignore_patterns(*_LEFTOVERS))
    for file in (source / BLUEPRINT, *source.glob(f"{SERVICES}/*/*.yaml")):
        copy = tree / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def keep_state_local(root: Path) -> None:
    """Keep the state of a copied root beside it: where there is none, all is new."""
    (root / OVERRIDE).write_text(_BACKEND)


def drop_imports(root: Path) -> None:
    """Remove the ``import`` blocks of a copied root: adopting what exists needs an account to read it from."""
    for file in root.glob("*.tf"):
        text = file.read_bytes()
        kept = _IMPORT.sub(b"", text)
        if kept != text:
            file.write_bytes(kept)


def lock_file(tree: Path = REPO) -> Path:
    """Return the first lock file of the roots in ``tree``; all name the same provider.

    Raises:
        ToolError: no root has one.
    """
    found = sorted(tree.glob(f"envs/*/{LOCK}"))
    if not found:
        raise ToolError(f"no root below envs/ has a {LOCK}", "commit the one that terraform init writes")
    return found[0]
