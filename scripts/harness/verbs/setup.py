"""``make setup``: the virtual environments and, where missing, Terraform. Standard library only."""

from concurrent.futures import ThreadPoolExecutor

from harness.base.errors import ToolError
from harness.base.options import Options
from harness.base.paths import VENV, shown
from harness.base.progress import phase, say
from harness.base.toolset import install_checkov, install_harness
from harness.terraform.binary import fetch_terraform, find_terraform, provider_mirror, terraform_version, wanted_version


def run(options: Options) -> int:
    """Make this clone ready to work; running it again costs nothing."""
    with phase("python packages (build/venv)"):
        install_harness()
    with ThreadPoolExecutor() as pool:
        # checkov's packages arrive while Terraform is looked for: neither needs the other.
        checkov = pool.submit(install_checkov)
        terraform = _terraform()
        with phase("checkov (build/venv-checkov)"):
            checkov.result()
    mirror = provider_mirror()
    say(
        f"  terraform {terraform}; provider from {'a local mirror' if mirror else 'the registry'}; python {shown(VENV)}"
    )
    return 0


def _terraform() -> str:
    try:
        binary = find_terraform()
    except ToolError as missing:
        with phase(f"terraform {wanted_version()} ({missing.tried})"):
            binary = fetch_terraform()
    return ".".join(str(part) for part in terraform_version(binary))
