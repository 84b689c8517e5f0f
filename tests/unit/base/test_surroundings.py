"""Of what a caller hands over, only what is meant reaches a command and what it starts; umask and signals included."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.base import surroundings
from harness.base.paths import REPO

SHOW = """
import json, os, signal, subprocess, sys
from harness.base.startup import prepare
prepare()
from harness.base.surroundings import forget_aws
forget_aws()
umask = os.umask(0)
os.umask(umask)
ended = subprocess.run([sys.executable, "-c", "raise SystemExit(3)"]).returncode
ignored = [int(one) for one in signal.Signals if signal.getsignal(one) is signal.SIG_IGN]
print(json.dumps({
    "environment": dict(os.environ), "umask": umask, "child": ended, "ignored": ignored,
    "blocked": [int(one) for one in signal.pthread_sigmask(signal.SIG_BLOCK, ())],
    "flags": [sys.flags.optimize, sys.flags.utf8_mode, sys.flags.dont_write_bytecode], "warnings": sys.warnoptions,
    "words": sys.argv[1:], "path": sys.path,
}))
"""
BARE = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}
SET = {"LC_ALL", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "PYTHONUTF8", "NO_PROXY", "no_proxy"}
AWS = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED"}


def settled(given: dict[str, str], before: Callable[[], object] | None = None) -> dict[str, object]:
    """Return what a command started with this environment has, and has its children see."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW, "a word", ""],
        env={**BARE, "PYTHONPATH": str(REPO / "scripts"), **given},
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


DROPPED = """
    AWS_CA_BUNDLE AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_PROFILE AWS_REGION AWS_SESSION_TOKEN BASHOPTS
    BASH_ENV CDPATH
    CLICOLOR_FORCE FORCE_COLOR GIT_DIR GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_WORK_TREE GREP_COLORS
    GREP_OPTIONS LANG LANGUAGE LC_COLLATE LC_CTYPE LC_MESSAGES LC_NUMERIC MAKEFILES MAKELEVEL MFLAGS MYPYPATH
    MYPY_CACHE_DIR PIP_CONSTRAINT PIP_DRY_RUN PIP_NO_DEPS PIP_PREFIX PIP_TARGET PIP_USER POSIXLY_CORRECT
    PYTEST_ADDOPTS PYTEST_DISABLE_PLUGIN_AUTOLOAD PYTEST_PLUGINS PYTHONDONTWRITEBYTECODE PYTHONHASHSEED
    PYTHONINSPECT
    PYTHONIOENCODING PYTHONNODEBUGRANGES PYTHONOPTIMIZE PYTHONSTARTUP PYTHONWARNINGS RUFF_OUTPUT_FORMAT SHELLOPTS
    TF_CLI_ARGS TF_CLI_ARGS_plan TF_CLI_CONFIG_FILE TF_DATA_DIR TF_INPUT TF_LOG TF_PLUGIN_CACHE_DIR
    TF_REATTACH_PROVIDERS TF_WORKSPACE UV_CONSTRAINT UV_PYTHON UV_TARGET
"""
MEANT = """
    BROWSER_PATH COLUMNS GIT_AUTHOR_DATE GIT_COMMITTER_DATE GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_SSH_COMMAND
    GIT_SSL_CAINFO HTTPS_PROXY HTTP_PROXY LOCALAWS_AWS_SESSION_TOKEN NO_COLOR PIP_CERT PIP_CONFIG_FILE
    PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_INDEX_URL PYTEST_XDIST_WORKER PYTHON PYTHONUNBUFFERED SSL_CERT_FILE
    TERM TF_PLUGIN_MIRROR TF_TOKEN_app_example_com TF_VAR_subscribers TZ UV_CACHE_DIR UV_INDEX_URL
"""


def test_what_could_change_a_result_is_dropped_and_what_is_meant_stays() -> None:
    values = {"PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8", "PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "ignore"}
    meant = dict.fromkeys(MEANT.split(), "x")
    given = {name: values.get(name, "") for name in DROPPED.split()} | meant
    environment = settled(given)["environment"]
    assert isinstance(environment, dict)
    assert environment.keys() == {*BARE, *meant, *SET, *AWS}
    assert {environment[name] for name in meant} == {"x"}
    assert environment["PYTHONPATH"] == str(REPO / "scripts")
    assert (environment["AWS_CONFIG_FILE"], environment["AWS_SHARED_CREDENTIALS_FILE"]) == (os.devnull, os.devnull)


def test_a_log_of_terraform_that_goes_to_a_file_and_a_cache_that_is_there_stay(tmp_path: Path) -> None:
    given = {"TF_LOG": "TRACE", "TF_LOG_PATH": "/tmp/log", "TF_PLUGIN_CACHE_DIR": str(tmp_path)}
    environment = settled({**given, "TF_DATA_DIR": "/x"})["environment"]
    assert isinstance(environment, dict)
    assert {name for name in environment if name.startswith("TF_")} == given.keys()


@pytest.mark.parametrize(
    "given",
    [
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONDONTWRITEBYTECODE": "1"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONPATH": f"/of/somebody:{REPO / 'scripts'}"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_the_command_itself_runs_as_if_nothing_had_been_said(given: dict[str, str]) -> None:
    found = settled(given)
    assert (found["flags"], found["warnings"], found["words"]) == ([0, 1, 0], [], ["a word", ""])
    assert isinstance(found["path"], list) and "/of/somebody" not in found["path"]


def test_a_command_that_nobody_disturbs_is_not_started_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("harness.base.surroundings.locale.getencoding", lambda: "UTF-8")
    before = os.umask(0o022)
    try:
        assert not surroundings.settle()
        monkeypatch.setenv("PYTHONOPTIMIZE", "1")
        assert surroundings.settle()
    finally:
        os.umask(before)


@pytest.mark.parametrize(("given", "used"), [(0o000, 0o022), (0o022, 0o022), (0o077, 0o077), (0o777, 0o077)])
def test_what_is_made_is_its_makers_to_write_and_nobody_elses(given: int, used: int) -> None:
    assert settled({}, lambda: os.umask(given))["umask"] == used


def _ignore() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def test_signals_that_a_caller_ignores_are_heeded_but_for_that_of_nohup() -> None:
    found = settled({}, _ignore)
    assert isinstance(found["ignored"], list)
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP} & set(found["ignored"]) == {signal.SIGHUP}
    assert found["child"] == 3, "a child that fails is not taken for one that ends well"


def test_signals_that_a_caller_blocks_come_in() -> None:
    assert settled({}, lambda: signal.pthread_sigmask(signal.SIG_BLOCK, signal.Signals))["blocked"] == []


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"no_proxy": "a.example", "NO_PROXY": "a.example"}, "a.example,127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "a.example"}, "a.example,127.0.0.1,localhost,::1"),
        ({"no_proxy": "localhost,,b", "NO_PROXY": "a,b"}, "a,b,localhost,127.0.0.1,::1"),
        ({"no_proxy": "*", "NO_PROXY": "*"}, "*"),
    ],
)
def test_no_proxy_is_asked_for_this_machine(given: dict[str, str], used: str) -> None:
    environment = settled({"HTTP_PROXY": "http://127.0.0.1:9", **given})["environment"]
    assert isinstance(environment, dict)
    assert (environment["NO_PROXY"], environment["no_proxy"]) == (used, used)


def test_a_temporary_folder_is_one_that_is_there(tmp_path: Path) -> None:
    for given, used in ((str(tmp_path), str(tmp_path)), ("/nowhere/at/all", "/tmp")):
        environment = settled({"TMPDIR": given})["environment"]
        assert isinstance(environment, dict)
        assert environment["TMPDIR"] == used
