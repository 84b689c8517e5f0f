"""What cannot be scanned is one clear line and exit code 2, never a clean scan."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.clone import clone_tree

from harness.base.errors import HarnessError, PlanFormatError, ToolError
from harness.base.paths import CHECKOV_VENV, REPO
from harness.base.process import run
from harness.cli import main
from harness.scan.launch import Scanner
from harness.verbs import scan as verb

POLICY = """\
metadata:
  id: HOUSE_99
  name: name
  category: LOGGING
  guideline: why
definition:
  cond_type: attribute
  resource_types: [aws_sns_topic]
  attribute: name
  operator: exists
"""
PYTHON = (REPO / "scripts" / "policies" / "HOUSE_07_gateway_account_only_in_account_root.py").read_text()
CRASH = PYTHON.replace("self.evaluated_keys = []", "self.evaluated_keys = [conf_that_is_not_there]")
ACCOUNT = 'resource "aws_api_gateway_account" "this" {\n}\n'
# Name of the case -> the policy's file, its text, what the line says. Each gets a scan of its own.
BAD = {
    "yaml": ("HOUSE_99_x.yaml", "metadata: [", "HOUSE_99_x.yaml is not YAML"),
    "python": ("HOUSE_07_x.py", "nothing_of_the_kind\n", "HOUSE_07_x.py:1"),
    "crash": ("HOUSE_07_x.py", CRASH, "Failed to run check HOUSE_07"),
    "hcl": ("HOUSE_99_x.yaml", POLICY, "checkov cannot parse"),
}
# Likewise, told by the loader before anything is scanned.
UNLOADABLE = {
    "no definition": ("HOUSE_99_x.yaml", POLICY.partition("definition")[0], "needs metadata and definition"),
    "no guideline": ("HOUSE_99_x.yaml", POLICY.replace("  guideline: why\n", ""), "lacks metadata.guideline"),
    "operator": ("HOUSE_99_x.yaml", POLICY.replace("exists", "exits"), "checkov cannot use its definition"),
    "file name": ("HOUSE_98_x.yaml", POLICY.replace("_99", "_97"), "must start with its id, HOUSE_97_"),
    "id taken": ("CKV2_AWS_29_x.yaml", POLICY.replace("HOUSE_99", "CKV2_AWS_29"), "a check CKV2_AWS_29 of its own"),
    "python syntax": ("HOUSE_07_x.py", "def broken(:\n", "HOUSE_07_x.py, line 1"),
    "no check": ("HOUSE_07_x.py", "x = 1\n", "must make exactly one check, it makes 0"),
    "no why": ("HOUSE_07_x.py", PYTHON.replace("guideline=", "guideline=None and "), "lacks a guideline"),
}
LOADER = """
import sys
from pathlib import Path
from checkov.common.checks_infra.registry import get_graph_checks_registry
from harness.scan import policies
registry = get_graph_checks_registry("terraform")
registry.load_checks()
for folder in sys.argv[1:]:
    try:
        policies.load(Path(folder), registry, {})
        print("loaded")
    except (ValueError, SyntaxError) as error:
        print(" ".join(str(error).split()))
"""


def attempt(folder: Path, name: str) -> str:
    """Scan a tiny tree with one bad policy; the error's text, or ``clean``."""
    file, text, _ = BAD[name]
    policies, root = folder / "policies", folder / "envs" / "dev"
    policies.mkdir(parents=True)
    root.mkdir(parents=True)
    (policies / file).write_text(text)
    (root / "main.tf").write_text(ACCOUNT if name != "hcl" else 'resource "x" {\n')
    try:
        with Scanner() as scanner:
            scanner.scan({}, folder, tree=folder, suffixes={}, policies=policies, files=())
    except ToolError as error:
        assert error.exit_code == 2
        return str(error)
    return "clean"


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All of them, two at a time."""
    folder = tmp_path_factory.mktemp("bad")
    with ThreadPoolExecutor(2) as threads:
        return dict(
            zip(BAD, threads.map(lambda name: attempt(folder / name.replace(" ", "_"), name), BAD), strict=True)
        )


@pytest.mark.parametrize("name", BAD)
def test_a_bad_policy_or_tree_is_named_in_one_line(name: str, attempts: dict[str, str]) -> None:
    assert BAD[name][2] in attempts[name]
    assert "\n" not in attempts[name]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the loader says of each, all in one process."""
    folders = []
    for name, (file, text, _) in UNLOADABLE.items():
        folders.append(tmp_path_factory.mktemp(name.replace(" ", "_")))
        (folders[-1] / file).write_text(text)
    result = run([CHECKOV_VENV / "bin" / "python", "-c", LOADER, *folders], env={"PYTHONPATH": str(REPO / "scripts")})
    return dict(zip(UNLOADABLE, result.stdout.splitlines(), strict=True))


@pytest.mark.parametrize("name", UNLOADABLE)
def test_a_policy_that_nobody_would_apply_is_refused(name: str, refusals: dict[str, str]) -> None:
    assert UNLOADABLE[name][2] in refusals[name]


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b'{"format_version": "9.0"}', b"null"])
def test_a_malformed_plan_is_named(tmp_path: Path, data: bytes) -> None:
    with Scanner() as scanner, pytest.raises(PlanFormatError, match="the plan of dev is malformed") as caught:
        scanner.scan({"dev": data}, tmp_path, tree=tmp_path, suffixes={}, files=())
    assert caught.value.exit_code == 2


def test_the_command_exits_2_with_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(verb, "make_plans", lambda *_: {"dev": b"{"})
    assert main(["scan"]) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert len(said) == 1
    assert "the plan of dev is malformed" in said[0]


def test_without_the_scanners_it_says_how_to_get_them(tmp_path: Path) -> None:
    clone = clone_tree(tmp_path / "tree")
    (clone.root / "build" / "venv-checkov").unlink()
    result = clone.run("scan")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "error: the scanners are not installed (build/venv-checkov) -> run make setup"
    ]


def test_scanners_that_die_are_an_error(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").write_text("#!/bin/sh\necho 'no module named harness' >&2\nexit 1\n")
    (venv / "bin" / "python").chmod(0o755)
    with Scanner(venv) as scanner, pytest.raises(HarnessError, match="did not answer: no module named harness"):
        scanner.scan({}, tmp_path, tree=tmp_path, suffixes={}, files=())


def test_the_network_is_out_of_reach() -> None:
    code = (
        "import sys; from harness.scan import driver; sys.addaudithook(driver._refuse_network);"
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')"
    )
    python = CHECKOV_VENV / "bin" / "python"
    result = subprocess.run(
        [python, "-c", code], env={"PYTHONPATH": str(REPO / "scripts")}, capture_output=True, text=True, check=False
    )
    assert "the scan may not use the network" in result.stderr
