"""``make test-runtime``: the services' tests on the Python that functions run on, whatever the harness runs on."""

import shlex
import subprocess
import sys
from pathlib import Path

from harness.base.options import Options
from harness.base.paths import CACHE, REPO, REPORTS, VENV, ensure_folder
from harness.base.progress import phase, say
from harness.base.pythons import runtime_version
from harness.base.toolset import find_python, install_runtime
from harness.bundle.archive import build_bundle

_NAME = "pytest-runtime"
_FAILED = 1


def run(options: Options) -> int:
    """Run ``tests/lambda`` on the functions' Python; 0 when everything passed, else 1.

    Raises:
        ToolError: there is no such Python on this machine.
    """
    version = runtime_version()
    python = _python(version)
    say(f"  Python {version} ({python})")
    build_bundle()
    report = f"--junitxml={ensure_folder(REPORTS) / _NAME}.xml"
    command: list[str | Path] = [python, "-m", "pytest", report, "-o", f"cache_dir={CACHE / _NAME}", "tests/lambda"]
    command += shlex.split(options.arguments)
    return 0 if subprocess.run(command, cwd=REPO, check=False).returncode == 0 else _FAILED


def _python(version: str) -> Path:
    if version == "{}.{}".format(*sys.version_info):
        return VENV / "bin" / "python"
    found = find_python(version)
    with phase(f"python packages for {version} (build/venv-runtime)"):
        return install_runtime(found)
