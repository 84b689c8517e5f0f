"""The provider's binary by the lock file, found as Terraform does: ``terraform init`` verifies and places it."""

import fcntl
import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import ensure_folder, write_atomically
from harness.base.refusals import NOT_THE_LOCKED_ONE, OTHER_PROVIDER
from harness.fastlane.cache_keys import identity
from harness.fastlane.command import PlanRejected, run
from harness.fastlane.keeper import ADDRESS

_VERSION = re.compile(rf'provider "{re.escape(ADDRESS)}"\s*\{{[^}}]*?version\s*=\s*"([^"]+)"')
_REQUIREMENT = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "%s" }\n  }\n}\n'


def provider_in_data_dir(data_dir: Path) -> Path:
    """Find the AWS provider's binary that ``terraform init`` put (or linked) into ``data_dir`` (TF_DATA_DIR).

    Raises:
        ToolError: init has not run there, or left several.
    """
    match sorted((data_dir / "providers").glob(f"{ADDRESS}/*/*/terraform-provider-aws*")):
        case [binary]:
            return binary.resolve()
        case found:
            raise ToolError(f"{len(found)} AWS providers in {data_dir}", "run terraform init there first")


def locked_provider(terraform: Path | str, lock_file: Path, cache_dir: Path, env: Mapping[str, str]) -> Path:
    """Find the binary of exactly the version and checksum in ``lock_file``.

    The first call lets ``terraform init`` find and verify it (1 s); later ones only see that the file, judged by size,
    inode and times, is still the one that was verified.

    Args:
        env: Terraform's environment, with TF_CLI_CONFIG_FILE when a mirror is to be used.

    Raises:
        ToolError: the lock file names no AWS provider, or there is none that it accepts.
    """
    locked = lock_file.read_bytes()
    folder = cache_dir / f"provider-{hashlib.sha256(locked).hexdigest()[:16]}"
    marker = folder / "verified"
    try:
        provider = provider_in_data_dir(folder)
        if marker.read_bytes() == identity(provider).encode():
            return provider
    except (ToolError, OSError):
        pass  # not here yet, or moved: let Terraform look
    with (ensure_folder(cache_dir) / "provider.lock").open("wb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two runs at once: the second would delete what the first places
        _init(terraform, locked, folder, env)
        provider = provider_in_data_dir(folder)
        write_atomically(marker, identity(provider).encode())
    return provider


def _init(terraform: Path | str, locked: bytes, data_dir: Path, env: Mapping[str, str]) -> None:
    """Run ``terraform init`` in an empty root that requires the locked version."""
    version = _VERSION.search(locked.decode())
    if not version:
        raise ToolError(f"the lock file names no {ADDRESS}", "commit the one terraform init writes")
    shutil.rmtree(data_dir, ignore_errors=True)
    settings = {"TF_DATA_DIR": str(ensure_folder(data_dir).absolute()), "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "main.tf").write_text(_REQUIREMENT % version[1])
        (Path(root) / ".terraform.lock.hcl").write_bytes(locked)
        try:
            command = ["init", "-no-color", "-input=false", "-lockfile=readonly"]
            run(str(terraform), command, Path(root), {**env, **settings})
        except PlanRejected as rejected:
            if OTHER_PROVIDER in rejected.diagnostics:
                raise ToolError(*NOT_THE_LOCKED_ONE) from rejected
            words = f"terraform init found no provider {version[1]}: {rejected.diagnostics}"
            raise ToolError(words, "run make setup") from rejected
