"""``make lint``: format, lint, types and layers of Python and HCL, all of them even when one fails."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.base.options import Options
from harness.base.paths import REPO, VENV
from harness.base.progress import say
from harness.base.results import write_report
from harness.facts import service_names, shared_packages
from harness.facts.service import SERVICES
from harness.terraform.binary import find_terraform

_PYTHON = ("scripts", "lambda", "tests")


def run(options: Options) -> int:
    """Run every linter; exit 1 when one complains."""
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
    tools, packages = VENV / "bin", (*service_names(), *shared_packages())
    return {
        "ruff": [tools / "ruff", "check", "--quiet", *_PYTHON],
        "format": [tools / "ruff", "format", "--check", "--quiet", *_PYTHON],
        "mypy": [tools / "mypy", "scripts/harness", *(SERVICES / name for name in packages), "tests"],
        "layers": [tools / "lint-imports", "--cache-dir", "build/cache/import-linter"],
        "terraform fmt": [find_terraform(), "fmt", "-check", "-recursive", "-diff", "modules", "envs"],
    }


def _complaints(command: list[str | Path]) -> str:
    env = {**os.environ, "PYTHONPATH": f"{REPO / 'scripts'}{os.pathsep}{REPO / 'lambda'}"}
    env.pop("TF_CLI_CONFIG_FILE", None)
    result = subprocess.run(command, cwd=REPO, env=env, capture_output=True, text=True, check=False)
    return (result.stdout + result.stderr).strip() if result.returncode else ""
