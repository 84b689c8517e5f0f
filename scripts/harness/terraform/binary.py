"""Terraform itself: which binary, which provider mirror, which environment. Standard library only.

A Terraform on PATH of a release that this was run with is used as it is; otherwise ``setup`` fetches the one named in
``.terraform-version`` from HashiCorp, and takes it only with the checksum that stands in ``requirements/terraform``.
"""

import hashlib
import io
import json
import os
import platform
import re
import shutil
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import BUILD, REPO, TOOLS, ensure_folder, shown, write_atomically
from harness.base.process import run
from harness.base.texts import text_of

# The releases that were run (docs/versions.md): the required_version of every root and module says the same.
MINIMUM, BELOW = (1, 11, 0), (1, 16, 0)
PROVIDER_HOST = "registry.terraform.io"
SUMS = REPO / "requirements" / "terraform" / "SHA256SUMS"
"""Lines of the list that HashiCorp publishes and signs, for the release that ``setup`` fetches."""
_RELEASES = "https://releases.hashicorp.com/terraform"
_INSTALLING = "https://developer.hashicorp.com/terraform/install"
_TIMEOUT_SECONDS = 60


def wanted_version() -> str:
    """Return the Terraform version this repository is tested with, from ``.terraform-version``."""
    return text_of(REPO / ".terraform-version").strip()


def find_terraform() -> Path:
    """Return the binary to use: ours in ``build/bin``, else ``terraform`` on PATH.

    Raises:
        ToolError: none is there, or what is there is of a release that was not run with this.
    """
    wrong = ""
    for place, candidate in (("in build/bin", str(TOOLS / "terraform")), ("on PATH", "terraform")):
        found = shutil.which(candidate)
        if found is None:
            continue
        problem = unfit(terraform_version(Path(found)))
        if not problem:
            return Path(found)
        wrong = f"terraform {place} {problem}"
    raise ToolError(
        wrong or "Terraform is not installed",
        f"run make setup, or install Terraform {wanted_version()} ({_INSTALLING})",
    )


def unfit(version: tuple[int, ...]) -> str:
    """Say why a version of Terraform is not used; empty when it is."""
    if version < MINIMUM:
        return f"is {_dotted(version)}, older than {_dotted(MINIMUM)}"
    return f"is {_dotted(version)}, newer than what was tried: before {_dotted(BELOW)}" if version >= BELOW else ""


def terraform_version(binary: Path) -> tuple[int, ...]:
    """Return the version of a Terraform binary as numbers.

    Raises:
        ToolError: it does not answer like Terraform.
    """
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    words = next((name for name in ("TF_CLI_ARGS", "TF_CLI_ARGS_version") if environment.get(name)), "")
    remedy = f"unset {words}, whose words Terraform takes for every command" if words else "reinstall Terraform"
    text = run([binary, "version", "-json"], env=environment, remedy=remedy).stdout
    try:
        number = str(json.loads(text)["terraform_version"])
    except (ValueError, KeyError) as error:
        raise ToolError(f"{binary.name} version -json is not readable", remedy) from error
    return tuple(int(part) for part in re.findall(r"\d+", number)[:3])


def fetch_terraform() -> Path:
    """Download the wanted release into ``build/bin`` and compare it with the checksum kept here.

    Raises:
        ToolError: no checksum of it is kept here, the download failed or is another file; nothing is left behind.
    """
    version = wanted_version()
    archive = f"terraform_{version}_{_platform()}.zip"
    checksum = kept_checksum(archive)
    try:
        data = _get(f"{_RELEASES}/{version}/{archive}")
    except (urllib.error.URLError, OSError) as error:
        remedy = f"install Terraform {version} yourself ({_INSTALLING}) and try again"
        raise ToolError(f"cannot download Terraform {version}: {error}", remedy) from error
    unpack_release(data, checksum, archive, TOOLS / "terraform")
    return TOOLS / "terraform"


def kept_checksum(archive: str, sums: Path = SUMS) -> str:
    """Return the SHA-256 of a release archive, in hexadecimal, as this repository has it.

    Raises:
        ToolError: it has none.
    """
    found = next((line.split()[0] for line in sums.read_text().splitlines() if line.split()[1:] == [archive]), "")
    if not found:
        raise ToolError(
            f"no checksum of {archive} is kept ({shown(sums)})",
            f"add HashiCorp's line, once its signature is verified, or install Terraform yourself ({_INSTALLING})",
        )
    return found


def unpack_release(data: bytes, checksum: str, archive: str, destination: Path) -> None:
    """Compare a release archive with its SHA-256 and unpack the binary.

    Raises:
        ToolError: it is another file.
    """
    if (found := hashlib.sha256(data).hexdigest()) != checksum:
        raise ToolError(
            f"{archive}: SHA-256 {found} is not the one that is kept ({shown(SUMS)})",
            "do not use that file, and find out who serves it",
        )
    with zipfile.ZipFile(io.BytesIO(data)) as release:
        write_atomically(destination, release.read("terraform"))
    destination.chmod(0o755)


def provider_mirror(environment: dict[str, str] | None = None) -> Path | None:
    """Return a filesystem mirror that holds the AWS provider, or ``None`` for the registry.

    Order: ``TF_PLUGIN_MIRROR``; Terraform's own implied mirror folders (Terraform looks there by itself, so nothing
    is written for them); any folder one level below the usual places for vendored software.

    Raises:
        ToolError: ``TF_PLUGIN_MIRROR`` is set to a folder that holds no provider.
    """
    environment = dict(os.environ) if environment is None else environment
    named = environment.get("TF_PLUGIN_MIRROR")
    if named:
        if not (Path(named) / PROVIDER_HOST).is_dir():
            raise ToolError(f"TF_PLUGIN_MIRROR={named} holds no {PROVIDER_HOST} folder", "correct or unset it")
        return Path(named)
    for folder in _implied_mirrors(environment):
        if (folder / PROVIDER_HOST / "hashicorp" / "aws").is_dir():
            return folder
    for place in ("/opt", "/usr/share", "/usr/local/share"):
        for folder in sorted(Path(place).glob(f"*/{PROVIDER_HOST}/hashicorp/aws")):
            return folder.parents[2]
    return None


def cli_config(environment: dict[str, str] | None = None) -> Path:
    """Write Terraform's CLI configuration into ``build/`` and return it.

    The environment may name a configuration that does not exist; ours always does, so Terraform never warns.
    """
    mirror = provider_mirror(environment)
    lines = ["disable_checkpoint = true", ""]
    if mirror is not None:
        pattern = json.dumps([f"{PROVIDER_HOST}/hashicorp/aws"])
        lines += [
            "provider_installation {",
            f"  filesystem_mirror {{\n    path    = {json.dumps(str(mirror))}\n    include = {pattern}\n  }}",
            f"  direct {{\n    exclude = {pattern}\n  }}",
            "}",
            "",
        ]
    path = BUILD / "terraform.rc"
    text = "\n".join(lines).encode()
    if not path.exists() or path.read_bytes() != text:
        write_atomically(path, text)
    return path


def terraform_environment(data_dir: Path) -> dict[str, str]:
    """Variables every Terraform run of the harness gets; the AWS ones are added by the caller."""
    return {
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_DATA_DIR": str(ensure_folder(data_dir)),
        "TF_CLI_CONFIG_FILE": str(cli_config()),
        # One-shot commands end before a collection pays: wall time x 0.90 (docs/performance.md).
        "GOGC": os.environ.get("GOGC", "off"),
    }


def _implied_mirrors(environment: dict[str, str]) -> tuple[Path, ...]:
    # Terraform documentation, "Implied Local Mirror Directories".
    home = Path(environment.get("HOME", "/nonexistent"))
    data = Path(environment.get("XDG_DATA_HOME", str(home / ".local/share")))
    mac = (
        home / "Library/Application Support/io.terraform/plugins",
        Path("/Library/Application Support/io.terraform/plugins"),
    )
    unix = (
        data / "terraform/plugins",
        Path("/usr/local/share/terraform/plugins"),
        Path("/usr/share/terraform/plugins"),
    )
    return (home / ".terraform.d/plugins", *(mac if sys.platform == "darwin" else unix))


def _platform() -> str:
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    return f"{platform.system().lower()}_{machine.get(platform.machine(), platform.machine())}"


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - a constant https address
        return bytes(answer.read())


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
