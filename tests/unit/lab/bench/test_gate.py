"""The gate that is measured really looks: clean on the repository, and every step tells of what it is there for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import ToolError
from harness.base.paths import REPO
from harness.bundle.archive import build_bundle
from harness.facts import read_blueprint
from harness.lab.bench.comparisons import require_clean

ENVIRONMENTS = tuple(read_blueprint().environments)
FIRST = ENVIRONMENTS[0]
#: step -> file, what it says, what it is made to say. Each is about a different setting.
SABOTAGE = {
    "fmt": (f"envs/{FIRST}/outputs.tf", "  value       =", "  value ="),
    "assertions": (f"tests/envs/{FIRST}.yaml", "aws_api_gateway_rest_api: 1", "aws_api_gateway_rest_api: 2"),
    "rules": ("modules/function/permissions.yaml", "      - name: logs:PutLogEvents\n", "      - name: logs:*\n"),
    "scan": ("modules/key/main.tf", "enable_key_rotation     = true", "enable_key_rotation     = false"),
}


def gate(tree: Path) -> str:
    """What the gate prints about a tree."""
    command = [sys.executable, "-m", "harness.lab.bench.gate", "--tree", str(tree)]
    env = {**os.environ, "PYTHONPATH": str(REPO / "scripts")}
    done = subprocess.run(command, cwd=REPO, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The gate's findings on a copy in which something is wrong for every step."""
    tree = tmp_path_factory.mktemp("broken")
    build_bundle()
    for name in ("envs", "modules", "lambda", "tests/envs", "scripts/policies", "build/bundle"):
        shutil.copytree(REPO / name, tree / name, ignore=shutil.ignore_patterns(".terraform", "__pycache__"))
    shutil.copy(REPO / "blueprint.yaml", tree / "blueprint.yaml")
    for file, old, new in SABOTAGE.values():
        text = (tree / file).read_text()
        assert old in text, f"{file} no longer holds what the test breaks"
        (tree / file).write_text(text.replace(old, new, 1))
    found: dict[str, Any] = json.loads(gate(tree))["findings"]
    return found


@pytest.mark.parametrize("step", SABOTAGE)
def test_every_step_tells(step: str, broken: dict[str, Any]) -> None:
    assert broken[step] > 0


def test_the_repository_is_clean_and_was_looked_at() -> None:
    build_bundle()
    told = gate(REPO)
    require_clean(told)
    looked = json.loads(told)["looked"]
    assert all(looked[name] > 20 for name in ENVIRONMENTS) and looked["policies"] > 60


@pytest.mark.parametrize(
    ("looked", "findings"),
    [({"dev": 53, "policies": 71}, {"fmt": 0, "scan": 1}), ({"dev": 53, "policies": 0}, {"fmt": 0, "scan": 0})],
    ids=["something was found", "nothing was looked at"],
)
def test_only_a_clean_gate_is_measured(looked: dict[str, int], findings: dict[str, int]) -> None:
    with pytest.raises(ToolError, match="not clean"):
        require_clean(json.dumps({"looked": looked, "findings": findings}))
