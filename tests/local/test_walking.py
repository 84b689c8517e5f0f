"""What a newcomer does, end to end: up, curl, plan again, a copy of one's own, down."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.clone import Clone
from tests.support.deployed import FREE, PRODUCT, STATES, Deployed, call

from harness.base.paths import Stack, Target
from harness.facts import read_services
from harness.plan import read_plan

GUARDED = [name for name, each in PRODUCT.environments.items() if each.guarded]


@pytest.fixture(scope="module")
def replanned(clone: Clone, deployments: dict[str, Deployed]) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Plan an environment again, once for all tests that ask; return how that ended."""
    made: dict[str, subprocess.CompletedProcess[str]] = {}

    def plan(environment: str) -> subprocess.CompletedProcess[str]:
        saved = clone.root / "build" / "local" / environment / environment / "plan.bin"
        if environment not in made or not saved.exists():
            made[environment] = clone.run("plan", ENV=environment)
        assert made[environment].returncode == 0, made[environment]
        return made[environment]

    return plan


def test_an_unknown_route_is_a_404_problem(deployed: Deployed) -> None:
    answer = call(deployed, "GET", "/nowhere")
    assert (answer.status, answer.json()["status"]) == (404, 404)


def test_the_printed_curl_lines_work_when_pasted(clone: Clone, deployed: Deployed) -> None:
    lines = [line for line in deployed.printed.splitlines() if line.startswith("  curl ")]
    assert lines
    key = next((line for line in deployed.printed.splitlines() if line.startswith("  KEY=")), "")
    assert bool(key) is deployed.outputs["api_key_required"]
    for line in lines:
        script = f"set -e\n{key}\n{line} --fail"
        result = subprocess.run(
            ["bash", "-c", script], cwd=clone.root, env=clone.environment(), capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, (line, result.stderr)
        assert json.loads(result.stdout)


def test_the_key_is_printed_only_when_asked_for(clone: Clone, deployed: Deployed) -> None:
    environment, key = deployed.environment, deployed.outputs["api_key"]
    assert (len(key) >= 20) is deployed.outputs["api_key_required"]
    quiet = clone.run("outputs", ENV=environment)
    assert "api_key" not in json.loads(quiet.stdout).keys() - {"api_key_required"}
    spoken = deployed.printed + quiet.stdout + quiet.stderr
    spoken += "".join(path.read_text() for path in (clone.root / "build" / "reports").glob("*.json"))
    spoken += "".join(path.read_text() for path in (clone.root / "build" / "local" / environment).glob("*/*.log"))
    assert not key or key not in spoken


def test_a_second_plan_reports_no_changes(
    clone: Clone, deployed: Deployed, replanned: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    environment = deployed.environment
    result = replanned(environment)
    assert f"{environment}: no changes" in result.stdout, result.stdout
    assert "no client notices" in result.stdout
    path = clone.root / "build" / "local" / environment / environment / "plan.json"
    actions = {str(change.action) for change in read_plan(path.read_bytes()).resources.values()}
    assert actions <= {"no-op", "read"}


def test_functions_are_made_after_their_tables(aws: Any, deployed: Deployed) -> None:
    key = f"{deployed.environment}/{deployed.environment}/terraform.tfstate"
    state = json.loads(aws("s3").get_object(Bucket=STATES, Key=key)["Body"].read())
    functions = [one for one in state["resources"] if one["type"] == "aws_lambda_function"]
    awaited = [instance["dependencies"] for one in functions for instance in one["instances"]]
    assert awaited
    assert all("module.table.aws_dynamodb_table.this" in one for one in awaited), awaited


def test_a_copy_of_ones_own_stands_beside_the_others(clone: Clone, free: Deployed) -> None:
    own = {"ENV": FREE, "SUFFIX": "alice"}
    started = clone.run("up", **own, OWNER="alice")
    assert started.returncode == 0, started.stderr
    outputs = json.loads(clone.run("outputs", **own).stdout)
    tables = {table for service in read_services().values() for table in service.tables}
    assert {table["name"] for table in outputs["tables"]} == {PRODUCT.name(table, "alice") for table in tables}
    assert outputs["base_url"] != free.outputs["base_url"]
    again = clone.run("plan", **own, OWNER="alice")
    assert "no changes" in again.stdout
    for other in PRODUCT.environments.keys() - {FREE}:
        taken = clone.run("plan", ENV=other, SUFFIX="alice")
        assert taken.returncode == 0, taken.stderr
        refused = clone.run("apply", ENV=other, SUFFIX="alice", CONFIRM=other)
        assert refused.returncode == 1
        assert "suffix alice is taken" in refused.stderr
        assert "Owner: alice" in refused.stderr
    gone = clone.run("destroy", **own, CONFIRM=FREE)
    assert gone.returncode == 0, gone.stderr
    assert clone.run("outputs", **own).returncode == 2


@pytest.mark.parametrize("environment", GUARDED)
def test_what_is_guarded_is_not_destroyed_without_every_address(
    clone: Clone, deployments: dict[str, Deployed], environment: str
) -> None:
    assert f"add CONFIRM={environment}" in clone.run("destroy", ENV=environment).stderr
    refused = clone.run("destroy", ENV=environment, CONFIRM=environment)
    assert refused.returncode == 2
    for service in read_services().values():
        for table in service.tables:
            assert f'module.table["{table}"].aws_dynamodb_table.this' in refused.stderr
    assert "ALLOW_DESTROY=" in refused.stderr
    smoked = clone.run("smoke", ENV=environment)
    assert smoked.returncode == 0, smoked.stderr


def test_a_stale_plan_is_not_applied(
    clone: Clone, free: Deployed, replanned: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    replanned(FREE)
    service = free.function_of()["service"]
    code = next((clone.root / "lambda" / service).glob("*.py"))
    before = code.read_text()
    try:
        code.write_text(before + "\n# changed\n")
        assert clone.run("bundle").returncode == 0
        refused = clone.run("apply", ENV=FREE)
    finally:
        code.write_text(before)
        clone.run("bundle")
    assert refused.returncode == 2
    changed = f"build/bundle/{service}.sha256, build/bundle/{service}.zip, lambda/{service}/{code.name}"
    assert f"stale: {changed} changed since -> make plan ENV={FREE}" in refused.stderr


@pytest.mark.parametrize("environment", GUARDED)
def test_what_is_guarded_is_not_applied_without_confirmation(
    clone: Clone, replanned: Callable[[str], subprocess.CompletedProcess[str]], environment: str
) -> None:
    replanned(environment)
    refused = clone.run("apply", ENV=environment)
    assert refused.returncode == 2
    assert f"{environment} changes only on purpose -> add CONFIRM={environment}" in refused.stderr


def test_an_apply_of_nothing_says_so(clone: Clone, free: Deployed) -> None:
    plan = Stack(FREE, "nobody", Target.LOCAL)
    refused = clone.run("apply", ENV=plan.environment, SUFFIX=plan.suffix, CONFIRM=FREE)
    assert (refused.returncode, refused.stderr.count("error:")) == (2, 1)
    assert f"there is no saved plan of {FREE} (suffix nobody)" in refused.stderr


def test_the_state_is_locked_while_somebody_plans(clone: Clone, free: Deployed, aws: Any) -> None:
    lock = {"ID": "1", "Operation": "OperationTypeApply", "Who": "bob@elsewhere", "Version": "1.11.4",
            "Created": "2026-01-01T00:00:00Z", "Path": "x", "Info": ""}  # fmt: skip
    key = {"Bucket": STATES, "Key": f"{FREE}/{FREE}/terraform.tfstate.tflock"}
    aws("s3").put_object(**key, Body=json.dumps(lock).encode())
    try:
        refused = clone.run("plan", ENV=FREE)
    finally:
        aws("s3").delete_object(**key)
    assert refused.returncode == 2
    assert "the state is locked, held by bob@elsewhere since 2026-01-01" in refused.stderr
    assert refused.stderr.count("error:") == 1
