"""``make test``: everything pytest runs. ``make test-plan``: the fast part, without a local AWS. ``make
soak``: many hostile requests, and files damaged in every way."""

import os
import shlex
import subprocess
from pathlib import Path

from harness.base.options import Options
from harness.base.paths import CACHE, REPO, REPORTS, VENV, ensure_folder
from harness.bundle.archive import build_bundle

# pytest's own codes: 0 passed, 1 failed; 5 (nothing collected) is never a success here.
_FAILED = 1
_PLAN = "pytest-plan"
_WITHOUT = ["-m", "not local"]
_SOAK = (Path("tests/local/scenarios/test_hostile.py"), Path("tests/local/own/test_damaged_files.py"))
_SOAK_REQUESTS = 10_000
_MOST = 4


def run(options: Options) -> int:
    """Run the whole suite; ``ARGS`` is passed on to pytest.

    Without ``ARGS``, as many workers as there are processors run it, and one more: much of it waits for a local AWS.
    """
    return pytest(options, [] if options.arguments else _workers(_processors() + 1))


def run_plan(options: Options) -> int:
    """Run what needs no local AWS: unit tests, plan acceptance, rules, policies."""
    return pytest(options, _WITHOUT + ([] if options.arguments else _workers(_processors())), name=_PLAN)


def _workers(number: int) -> list[str]:
    """Return pytest's arguments for that many workers, each of which runs whole files (tests/conftest.py)."""
    return ["--numprocesses", str(number), "--dist", "loadfile"]


def _processors() -> int:
    """Count processors, as far as more workers still help: each makes plans and servers of its own."""
    return min(os.cpu_count() or 1, _MOST)


def run_soak(options: Options) -> int:
    """Send ten thousand hostile requests to every environment, and damage each file in each way for each verb."""
    arguments = [*map(str, _SOAK), f"--hostile-requests={_SOAK_REQUESTS}", "--all-damage"]
    return pytest(options, arguments, name="pytest-soak")


def pytest(options: Options, arguments: list[str], *, name: str = "pytest") -> int:
    """Run pytest on the suite; 0 when everything passed, else 1.

    Args:
        arguments: pytest's arguments, before those of ``ARGS``.
        name: of the JUnit report below ``build/reports``.
    """
    build_bundle()
    junit = ensure_folder(REPORTS) / f"{name}.xml"
    kept = ["-o", f"cache_dir={CACHE / name}"]
    command = [str(VENV / "bin" / "python"), "-m", "pytest", f"--junitxml={junit}", *kept, *arguments]
    command += shlex.split(options.arguments)
    return 0 if subprocess.run(command, cwd=REPO, check=False).returncode == 0 else _FAILED
