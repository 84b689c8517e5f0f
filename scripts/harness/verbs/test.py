"""``make test``: everything pytest runs. ``make test-plan``: the fast part, without a local AWS. ``make
soak``: many hostile requests."""

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.base.options import Options
from harness.base.paths import CACHE, REPO, REPORTS, VENV, ensure_folder
from harness.base.progress import say
from harness.bundle.archive import build_bundle

# pytest's own codes: 0 passed, 1 failed; 5 (nothing collected) is never a success here.
_FAILED = 1
_PLAN = "pytest-plan"
_WITHOUT = ["-m", "not local"]
_SHARING = "local and not own"
_SOAK = Path("tests/local/scenarios/test_hostile.py")
_SOAK_REQUESTS = 10_000


def run(options: Options) -> int:
    """Run the whole suite; ``ARGS`` is passed on to pytest.

    Without ``ARGS``, what shares one local AWS, and spends much of its time waiting, runs beside all the rest.
    """
    if options.arguments:
        return pytest(options, [])
    build_bundle()
    with tempfile.TemporaryFile() as kept:
        beside = subprocess.Popen(
            _command("pytest-beside", ["-m", f"not ({_SHARING})"]), cwd=REPO, stdout=kept, stderr=subprocess.STDOUT
        )
        try:
            local = subprocess.run(_command("pytest-local", ["-m", _SHARING]), cwd=REPO, check=False).returncode
            plan = beside.wait()
        finally:
            beside.terminate()
            beside.wait()
        say("tests that share no local AWS, which ran beside those above:")
        kept.seek(0)
        sys.stdout.write(kept.read().decode(errors="replace"))
    return 0 if local == plan == 0 else _FAILED


def run_plan(options: Options) -> int:
    """Run what needs no local AWS: unit tests, plan acceptance, rules, policies."""
    return pytest(options, _WITHOUT, name=_PLAN)


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
    command = _command(name, [*arguments, *shlex.split(options.arguments)])
    return 0 if subprocess.run(command, cwd=REPO, check=False).returncode == 0 else _FAILED


def _command(name: str, arguments: list[str]) -> list[str]:
    """Return the call of pytest; what it remembers of the last run it keeps under the report's name."""
    junit = ensure_folder(REPORTS) / f"{name}.xml"
    python = str(VENV / "bin" / "python")
    return [python, "-m", "pytest", f"--junitxml={junit}", "-o", f"cache_dir={CACHE / name}", *arguments]
