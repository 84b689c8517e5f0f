"""Versions of Python: read where they are decided, and an interpreter found that is really there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from harness.base.errors import HarnessError, ToolError
from harness.base.paths import REPO
from harness.base.pythons import runtime_version, supported_versions
from harness.base.toolset import find_python

OWN = "{}.{}".format(*sys.version_info)


def _tree(folder: Path, module: str, requires: str = ">=3.11") -> Path:
    (folder / "modules" / "function").mkdir(parents=True)
    (folder / "modules" / "function" / "main.tf").write_text(module)
    (folder / "pyproject.toml").write_text(f'[project]\nrequires-python = "{requires}"\n')
    return folder


def test_the_runtime_is_the_modules_and_the_oldest_the_projects(tmp_path: Path) -> None:
    tree = _tree(tmp_path, '  runtime          = "python3.14"\n', ">=3.12")
    assert runtime_version(tree) == "3.14"
    assert supported_versions(tree) == ("3.12", "3.13", "3.14")


@pytest.mark.parametrize(
    "module",
    [
        "",
        '  runtime = "nodejs22.x"\n',
        "  runtime = var.runtime\n",
        '  runtime = "python3.12"\n  runtime = "python3.13"\n',
    ],
)
def test_a_module_without_one_runtime_is_refused(tmp_path: Path, module: str) -> None:
    with pytest.raises(HarnessError, match=r"modules/function/main.tf: found [02] runtimes of Python"):
        runtime_version(_tree(tmp_path, module))


@pytest.mark.parametrize("requires", [">=3.14", "==3.11.*", "<4"])
def test_a_project_without_an_oldest_version_is_refused(tmp_path: Path, requires: str) -> None:
    with pytest.raises(HarnessError, match=r"is no oldest version up to 3\.13"):
        supported_versions(_tree(tmp_path, '  runtime = "python3.13"\n', requires))


def test_the_tree_says_the_same_everywhere() -> None:
    oldest = supported_versions()[0]
    comparison = oldest.replace(".", ", ")
    assert f"sys.version_info < ({comparison})" in (REPO / "scripts" / "blueprint").read_text()
    assert f"Python {oldest}+" in (REPO / "README.md").read_text()
    assert f"Python {runtime_version()}, arm64" in (REPO / "modules" / "function" / "README.md").read_text()


def test_ci_runs_on_every_version_and_the_service_on_its_own() -> None:
    jobs = yaml.safe_load((REPO / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    assert jobs["python"]["strategy"]["matrix"]["python"] == "${{ fromJSON(needs.blueprint.outputs.pythons) }}"
    steps = {step.get("name"): step for step in jobs["python"]["steps"]}
    on_runtime = steps["The services' tests, on their runtime"]
    assert on_runtime["run"] == "scripts/blueprint test-runtime"
    assert on_runtime["if"] == "matrix.python == needs.blueprint.outputs.runtime"
    # The job that runs everything does so on the oldest.
    whole = [
        step["with"]["python-version"] for step in jobs["check"]["steps"] if "python-version" in step.get("with", {})
    ]
    assert whole == [supported_versions()[0]]


def _program(folder: Path, name: str, does: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{does}\n")
    file.chmod(0o755)
    return file


def test_the_running_python_is_found_first() -> None:
    assert find_python(OWN) == Path(sys.executable)


def test_a_name_on_the_path_that_runs_nothing_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "python3.99", "exit 127")
    there = _program(tmp_path, "pyenv/versions/3.99.1/bin/python3.99", "echo 3.99")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert find_python("3.99") == there
    named = _program(tmp_path, "python3.99", "echo 3.99")
    assert find_python("3.99") == named


def test_a_python_of_another_version_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "python3.99", "echo 3.98")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    with pytest.raises(ToolError, match=r"there is no Python 3\.99 on this machine -> install it"):
        find_python("3.99")
