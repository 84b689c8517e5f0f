"""``make lint``: format, lint, types and layers of Python and HCL, all of them even when one fails."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.base.options import Options
from harness.base.paths import CACHE, REPO, VENV, write_atomically
from harness.base.progress import say
from harness.base.results import write_report
from harness.facts import service_names, shared_packages
from harness.facts.service import SERVICES
from harness.terraform.binary import find_terraform

_PYTHON = ("scripts", "lambda", "tests")
_LAYERS = CACHE / "import-linter"
_SERVICES = """\
[tool.importlinter]
root_packages = {packages}

[[tool.importlinter.contracts]]
name = "no modules of a service import each other in a circle"
type = "acyclic_siblings"
ancestors = {packages}

[[tool.importlinter.contracts]]
name = "what services share knows none of them"
type = "forbidden"
source_modules = {shared}
forbidden_modules = {services}
"""


def run(options: Options) -> int:
    """Run every linter; exit 1 when one complains."""
    write_atomically(_LAYERS / "services.toml", layers_of_services().encode())
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = dict(zip(linters(), pool.map(_complaints, linters().values()), strict=True))
    for name, complaints in results.items():
        say(f"  {name:<12} {'ok' if not complaints else 'failed'}")
        if complaints:
            print(complaints)
    write_report("lint", {name: not complaints for name, complaints in results.items()})
    return 1 if any(results.values()) else 0


def linters() -> dict[str, list[str | Path]]:
    """Name -> command of every linter."""
    tools = VENV / "bin"
    layers: list[str | Path] = [tools / "lint-imports", "--no-logo", "--cache-dir", _LAYERS]
    return {
        "ruff": [tools / "ruff", "check", "--quiet", *_PYTHON],
        "format": [tools / "ruff", "format", "--check", "--quiet", *_PYTHON],
        "mypy": [tools / "mypy", "scripts/harness", SERVICES, "tests"],
        "layers": [*layers, "--config", "pyproject.toml"],
        "services": [*layers, "--config", _LAYERS / "services.toml"],
        "terraform fmt": [find_terraform(), "fmt", "-check", "-recursive", "-diff", "modules", "envs"],
    }


def layers_of_services(tree: Path = REPO) -> str:
    """Write the contracts of import-linter for the packages below lambda/, whichever there are."""
    services, shared = list(service_names(tree)), list(shared_packages(tree))
    return _SERVICES.format(packages=[*services, *shared], shared=shared, services=services)


def _complaints(command: list[str | Path]) -> str:
    env = {**os.environ, "PYTHONPATH": f"{REPO / 'scripts'}{os.pathsep}{REPO / 'lambda'}"}
    env.pop("TF_CLI_CONFIG_FILE", None)
    result = subprocess.run(command, cwd=REPO, env=env, capture_output=True, text=True, check=False)
    return (result.stdout + result.stderr).strip() if result.returncode else ""
