"""Where things are. The only module that builds paths; standard library only, so that ``setup`` can use it."""

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.base.errors import UsageError

REPO = Path(__file__).resolve().parents[3]
BUILD = REPO / "build"
REPORTS = BUILD / "reports"
VENV = BUILD / "venv"
CHECKOV_VENV = BUILD / "venv-checkov"
RUNTIME_VENV = BUILD / "venv-runtime"
AUDIT_VENV = BUILD / "venv-audit"
TOOLS = BUILD / "bin"
CACHE = BUILD / "cache"
LOCAL_STATE = BUILD / "local"
BUNDLES = BUILD / "bundle"
"""Every service's zip, and beside it the contract's JSON: SERVICE.zip, SERVICE.json."""
ACCOUNT = "account"
"""Folder below ``envs/`` of the root that stands once per account."""
PARITY = "parity.yaml"
"""File of an environment that declares how it differs from the one it is compared with."""
EXCEPTIONS = "exceptions.yaml"
"""File of accepted exceptions to policies: the product's in ``envs/``, a root's and a service's in its folder."""
SHARED = "shared"
"""Folder below ``envs/`` of the files that environments link; no root."""

# 3 to 20 characters, lower-case letters, digits and hyphens, no hyphen first or last.
SUFFIX_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{1,18}[a-z0-9]")


class Target(StrEnum):
    """Which AWS a command talks to."""

    LOCAL = "local"
    AWS = "aws"


def bundle_zip(service: str, folder: Path = BUNDLES) -> Path:
    """Return the path of a service's zip."""
    return folder / f"{service}.zip"


def bundle_hash(service: str, folder: Path = BUNDLES) -> Path:
    """Return the path of the hash of what a service's zip is made of: the same whoever builds it."""
    return folder / f"{service}.sha256"


def bundle_contract(service: str, folder: Path = BUNDLES) -> Path:
    """Return the path of the canonical contract beside a service's zip."""
    return folder / f"{service}.json"


def built_files(service: str, folder: Path = BUNDLES) -> tuple[Path, ...]:
    """List what ``make bundle`` makes of a service."""
    return bundle_zip(service, folder), bundle_hash(service, folder), bundle_contract(service, folder)


def contract_source(service: str, tree: Path = REPO) -> Path:
    """Return the path of a service's contract as it is written."""
    return tree / "lambda" / service / "openapi.yaml"


@dataclass(frozen=True, slots=True)
class Stack:
    """One deployable copy: an environment, its suffix and where it lives.

    Attributes:
        environment: folder below ``envs/``.
        suffix: environment suffix that ends every resource name.
    """

    environment: str
    suffix: str
    target: Target

    @property
    def root(self) -> Path:
        """The Terraform root module."""
        return REPO / "envs" / self.environment

    @property
    def folder(self) -> Path:
        """Everything this stack leaves behind: plan, plan JSON, summary, Terraform's data folder."""
        return BUILD / self.target / self.environment / self.suffix

    @property
    def plan_bin(self) -> Path:
        """The saved plan that ``apply`` consumes."""
        return self.folder / "plan.bin"

    @property
    def plan_json(self) -> Path:
        """``terraform show -json`` of :attr:`plan_bin`."""
        return self.folder / "plan.json"

    @property
    def plan_meta(self) -> Path:
        """What the saved plan was made from (fingerprints), for the staleness check."""
        return self.folder / "plan.meta.json"

    @property
    def seen_state(self) -> Path:
        """Which state was last read here."""
        return self.folder / "state.seen.json"

    @property
    def data_dir(self) -> Path:
        """``TF_DATA_DIR``: a folder of its own, so that two suffixes never share a ``.terraform``."""
        return self.folder / "terraform"

    @property
    def state_key(self) -> str:
        """Key of the state object in the state bucket."""
        return f"{self.environment}/{self.suffix}/terraform.tfstate"

    @property
    def slug(self) -> str:
        """Part of a report's file name that tells this stack from others."""
        return f"{self.environment}-{self.suffix}"

    @property
    def title(self) -> str:
        """How messages name this stack."""
        name = self.environment
        return name if self.suffix == name else f"{name} (suffix {self.suffix})"

    @property
    def make_words(self) -> str:
        """The Makefile variables that name this stack, for remedies a person can paste."""
        words = [f"ENV={self.environment}"]
        if self.suffix != self.environment:
            words.append(f"SUFFIX={self.suffix}")
        if self.target is Target.AWS:
            words.append("TARGET=aws")
        return " ".join(words)


def ensure_folder(folder: Path) -> Path:
    """Create ``folder`` and its parents.

    Raises:
        UsageError: it cannot be created or written (read-only folder, disk full, a file in the way).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot create {shown(folder)}: {error.strerror}", "make the build folder writable"
        ) from error
    if not os.access(folder, os.W_OK):
        raise UsageError(f"cannot write to {shown(folder)}", "make the build folder writable")
    return folder


def write_atomically(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old bytes or the new ones, never a part.

    Args:
        private: it may hold secrets, and only its owner may read it, from its first byte on.

    Raises:
        UsageError: the folder is read-only or the disk is full; ``path`` is as it was before.
    """
    ensure_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as stream:
            if private:
                draft.chmod(0o600)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(
            f"cannot write {shown(path)}: {error.strerror}", "free disk space or make the folder writable"
        ) from error


def shown(path: Path) -> str:
    """``path`` relative to the repository where it lies inside it: what messages print."""
    return str(path.relative_to(REPO)) if path.is_relative_to(REPO) else str(path)
