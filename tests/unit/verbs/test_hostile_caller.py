"""Commands under an environment, a umask and signals that mean them harm: result, exit code and files stay the same."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.support.clone import Clone, clone_tree

from harness.base.paths import VENV

GONE = "/nowhere/at/all"
HOSTILE = {
    **{name: GONE for name in ("AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "BASH_ENV", "CDPATH", "GIT_DIR", "GIT_INDEX_FILE")},
    **{name: GONE for name in ("GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE", "MYPYPATH", "PIP_PREFIX", "PIP_TARGET")},
    **{name: GONE for name in ("PYTHONPYCACHEPREFIX", "PYTHONSTARTUP", "TF_CLI_CONFIG_FILE", "TF_DATA_DIR", "TMPDIR")},
    **{name: GONE for name in ("TF_PLUGIN_CACHE_DIR", "UV_PYTHON", "UV_TARGET")},
    **{name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "AWS_ENDPOINT_URL")},
    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
    "AWS_PROFILE": "nobody",
    "AWS_REGION": "mars-1",
    "FORCE_COLOR": "1",
    "GIT_EXTERNAL_DIFF": "false",
    "GREP_OPTIONS": "--invert-match",
    "LC_ALL": "C",
    "LANG": "tr_TR.ISO-8859-9",
    "MAKEFLAGS": "k",
    "NO_COLOR": "1",
    "PAGER": "false",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PYTEST_ADDOPTS": "--collect-only -k nothing_at_all",
    "PYTEST_PLUGINS": "there_is_no_such_plugin",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "7",
    "PYTHONINSPECT": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONUTF8": "0",
    "PYTHONWARNINGS": "error",
    "RUFF_OUTPUT_FORMAT": "json",
    "SHELLOPTS": "errexit:noglob:nounset:xtrace",
    "TERM": "no-such-terminal",
    "TF_CLI_ARGS": "-no-such-option",
    "TF_CLI_ARGS_plan": "-destroy",
    "TF_INPUT": "1",
    "TF_LOG": "TRACE",
    "TF_REATTACH_PROVIDERS": "no JSON",
    "TF_VAR_environment_suffix": "evil",
    "TF_WORKSPACE": "other",
}
"""Beside it a folder on PYTHONPATH that shadows packages, see :func:`hostile`."""
VERBS = ("help", "bundle", "plan-offline", "scan")
TESTS = ("test", "--", "tests/unit/base/test_options.py", "-q", "--no-header")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return clone_tree(tmp_path_factory.mktemp("hostile") / "tree")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment that breaks whatever reads it."""
    folder = tmp_path_factory.mktemp("shadows")
    for name in ("yaml", "harness", "sitecustomize", "msgspec", "pytest", "ruff", "mypy"):
        (folder / f"{name}.py").write_text("import os\nos._exit(9)\n" if name != "sitecustomize" else "")
    return {**HOSTILE, "PYTHONPATH": str(folder)}


def ignore() -> None:
    """Start as something in the background of a shell does, and of a shell that ignores all it can."""
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)


def ran(clone: Clone, words: tuple[str, ...], before: Callable[[], object] | None = None, **given: str) -> Any:
    """Run the program afresh; return its exit code, what it printed, and the content of each file that it made."""
    for folder in ("bundle", "reports"):
        shutil.rmtree(clone.root / "build" / folder, ignore_errors=True)
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **clone.settings, **given}
    command = [str(VENV / "bin" / "python"), str(clone.root / "scripts" / "blueprint"), *words]
    done = subprocess.run(command, env=env, preexec_fn=before, capture_output=True, check=False)
    made = sorted((clone.root / "build" / "bundle").rglob("*")) + sorted((clone.root / "build" / "reports").rglob("*"))
    files = {str(one.relative_to(clone.root)): content(one) for one in made if one.is_file()}
    return done.returncode, plain(done.stdout.decode()), files, done.stderr.decode()


def plain(text: str) -> str:
    """Leave out how long pytest took."""
    return "\n".join(line.partition(" in ")[0] for line in text.splitlines())


def content(file: Path) -> str:
    """Return a digest of a file, without the seconds that something took."""
    data = file.read_bytes()
    if file.suffix == ".json" and "reports" in file.parts:
        data = json.dumps({**json.loads(data), "seconds": 0}, sort_keys=True).encode()
    return "" if file.suffix == ".xml" else hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "words", [*((verb,) for verb in VERBS), ("help", "plan"), ("pln",), TESTS], ids=lambda words: words[0]
)
def test_a_command_is_the_same_for_every_caller(clone: Clone, hostile: dict[str, str], words: tuple[str, ...]) -> None:
    *clean, told = ran(clone, words)
    *disturbed, complaint = ran(clone, words, ignore, **hostile)
    assert disturbed == clean, complaint
    assert clean[0] == (2 if words == ("pln",) else 0), told


@cache
def bundled(clone_root: Path, umask: int) -> Any:
    return ran(Clone(clone_root), ("bundle",), lambda: os.umask(umask))[:3]


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_zip_does_not_follow_the_umask(clone: Clone, umask: int) -> None:
    assert [name for name in bundled(clone.root, 0o022)[2] if name.endswith(".zip")]
    assert bundled(clone.root, umask) == bundled(clone.root, 0o022)


def test_make_is_the_same_for_every_caller(clone: Clone, hostile: dict[str, str]) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PYTHON": sys.executable}
    printed = []
    for given in (env, env | hostile):
        done = subprocess.run(["make", "help"], cwd=clone.root, env=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed[0] == printed[1] != ""
