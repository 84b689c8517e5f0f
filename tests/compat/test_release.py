"""A release of Terraform beside the one in use: every root is planned, applied, and planned again without a change."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.support.clone import Clone
from tests.support.deployed import bring_up
from tests.support.planning import inventory_for
from tests.support.trees import copy_tree, roots

from harness.aws.offline import offline
from harness.base.paths import ACCOUNT, CACHE, REPO
from harness.facts import read_blueprint
from harness.fastlane.equality import unequal
from harness.fastlane.provider import locked_provider
from harness.plan import read_plan
from harness.terraform.binary import terraform_environment, terraform_version, unfit
from harness.terraform.sandbox import lock_file

# Everything is applied from nothing, by the first test that asks for it.
pytestmark = pytest.mark.timeout(1800)
ENVIRONMENTS = tuple(read_blueprint().environments)


def done(run: subprocess.CompletedProcess[str]) -> str:
    printed = run.stdout + run.stderr
    assert run.returncode == 0, printed
    return printed


@pytest.fixture(scope="session")
def applied(clone: Clone, local_aws: None) -> Clone:
    """The account's root and every environment, applied and smoke-tested."""
    for name, deployed in bring_up(clone, *ENVIRONMENTS).items():
        assert f"apply {name}" in deployed.printed
        assert f"smoke {name}" in deployed.printed
    return clone


def plan_of(clone: Clone, root: str) -> bytes:
    (file,) = clone.root.glob(f"build/local/{root}/*/plan.json")
    return file.read_bytes()


def test_the_program_is_of_the_release(program: Path, release: str) -> None:
    version = terraform_version(program)
    assert f"{version[0]}.{version[1]}" == release
    assert unfit(version) == ""


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_is_applied_and_then_there_is_nothing_to_do(
    applied: Clone, environment: str, release: str
) -> None:
    assert f"{environment}: no changes" in done(applied.run("plan", ENV=environment))
    plan = read_plan(plan_of(applied, environment))
    assert plan.terraform_version.startswith(f"{release}.")
    assert len(plan.resources) > 30
    assert "no drift" in done(applied.run("drift", ENV=environment))


def test_the_account_is_applied_and_then_there_is_nothing_to_do(applied: Clone) -> None:
    again = done(applied.run("bootstrap"))
    assert "plan account" in again
    assert "apply account" not in again


def test_the_fast_lane_plans_what_the_release_plans(program: Path, tmp_path: Path) -> None:
    copy_tree(REPO, tmp_path / "tree")
    places = [tmp_path / "tree" / "envs" / name for name in roots()]
    for place in places:
        variables = inventory_for(place.name).variables
        (place / "given.auto.tfvars.json").write_text(json.dumps(dict(variables)))
    with offline() as stub:
        env = stub.environment() | terraform_environment(tmp_path / "data")
        provider = locked_provider(program, lock_file(), CACHE / "fastlane", env)
        assert unequal(places, program, provider, CACHE / "fastlane", env, tmp_path / "stock") == []
    assert ACCOUNT in {place.name for place in places}
