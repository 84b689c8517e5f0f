"""``make test``: everything pytest runs. ``make test-plan``: the fast part, without a local AWS. ``make
soak``: many hostile requests."""

import shlex
import subprocess
from pathlib import Path

from harness.base.options import Options
from harness.base.paths import REPO, REPORTS, VENV, ensure_folder
from harness.bundle.archive import build_bundle

# pytest's own codes: 0 passed, 1 failed; 5 (nothing collected) is never a success here.
_FAILED = 1
_SOAK = Path("tests/local/scenarios/test_hostile.py")
_SOAK_REQUESTS = 10_000


def run(options: Options) -> int:
    """Run the whole suite; ``ARGS`` is passed on to pytest."""
    return pytest(options, [])


def run_plan(options: Options) -> int:
    """Run what needs no local AWS: unit tests, plan acceptance, rules, policies."""
    return pytest(options, ["-m", "not local"], name="pytest-plan")


def run_soak(options: Options) -> int:
    """Send ten thousand hostile requests to every environment on a local AWS."""
    return pytest(options, [str(_SOAK), f"--hostile-requests={_SOAK_REQUESTS}"], name="pytest-soak")


def pytest(options: Options, arguments: list[str], *, name: str = "pytest") -> int:
    """Run pytest on the suite; 0 when everything passed, else 1.

    Args:
        arguments: pytest's arguments, before those of ``ARGS``.
        name: of the JUnit report below ``build/reports``.
    """
    build_bundle()
    junit = ensure_folder(REPORTS) / f"{name}.xml"
    command: list[str | Path] = [VENV / "bin" / "python", "-m", "pytest", f"--junitxml={junit}", *arguments]
    command += shlex.split(options.arguments)
    return 0 if subprocess.run(command, cwd=REPO, check=False).returncode == 0 else _FAILED
