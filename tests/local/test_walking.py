"""What a newcomer does, end to end: up, curl, plan again, a copy of one's own, down."""

import json
import re
import subprocess
import time
from typing import Any

import urllib3
from tests.support.clone import Clone
from tests.support.deployed import PRODUCT, STATES, Deployed, call

from harness.base.paths import Stack, Target
from harness.plan import read_plan


def test_the_life_of_an_item(deployed: Deployed) -> None:
    created = call(deployed, "POST", "/items", {"name": "kettle", "description": "whistles"})
    assert created.status == 201, created.data
    item = created.json()
    path = f"/items/{item['id']}"
    assert (item["name"], item["version"]) == ("kettle", 1)
    assert call(deployed, "GET", path).json() == item
    changed = call(deployed, "PUT", path, {"name": "kettle", "description": "silent", "status": item["status"]})
    assert (changed.status, changed.json()["version"]) == (200, 2)
    listed = call(deployed, "GET", "/items?limit=100").json()["items"]
    assert item["id"] in [each["id"] for each in listed]
    assert call(deployed, "DELETE", path).status == 204
    assert call(deployed, "GET", path).status == 404


def test_a_malformed_body_gives_the_contracts_400(deployed: Deployed) -> None:
    answer = call(deployed, "POST", "/items", b'{"name": 7}')
    problem = answer.json()
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert {"type", "title", "status", "code", "request_id"} <= problem.keys()


def test_an_unknown_route_is_a_404_problem(deployed: Deployed) -> None:
    answer = call(deployed, "GET", "/nowhere")
    assert (answer.status, answer.json()["status"]) == (404, 404)


def test_prod_asks_for_the_key_and_dev_does_not(dev: Deployed, prod: Deployed) -> None:
    bare = urllib3.request("GET", prod.outputs["base_url"] + "/items", retries=False)
    wrong = urllib3.request("GET", prod.outputs["base_url"] + "/items", headers={"x-api-key": "x" * 40}, retries=False)
    assert (bare.status, wrong.status) == (403, 403)
    assert bare.json()["code"]
    assert urllib3.request("GET", prod.outputs["base_url"] + "/health", retries=False).status == 200
    assert call(prod, "GET", "/items").status == 200
    assert urllib3.request("GET", dev.outputs["base_url"] + "/items", retries=False).status == 200


def test_the_printed_curl_lines_work_when_pasted(clone: Clone, deployed: Deployed) -> None:
    lines = [line for line in deployed.printed.splitlines() if line.startswith("  curl ")]
    assert len(lines) == 3
    key = next((line for line in deployed.printed.splitlines() if line.startswith("  KEY=")), "")
    assert bool(key) is deployed.outputs["api_key_required"]
    for line in lines:
        script = f"set -e\n{key}\n{line} --fail"
        result = subprocess.run(
            ["bash", "-c", script], cwd=clone.root, env=clone.environment(), capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, (line, result.stderr)
        assert json.loads(result.stdout)


def test_the_key_is_printed_only_when_asked_for(clone: Clone, prod: Deployed) -> None:
    key = prod.outputs["api_key"]
    assert len(key) >= 20
    quiet = clone.run("outputs", ENV="prod")
    assert "api_key" not in json.loads(quiet.stdout).keys() - {"api_key_required"}
    spoken = prod.printed + quiet.stdout + quiet.stderr
    spoken += "".join(path.read_text() for path in (clone.root / "build" / "reports").glob("*.json"))
    spoken += "".join(path.read_text() for path in (clone.root / "build" / "local" / "prod").glob("*/*.log"))
    assert key not in spoken


def test_a_second_plan_reports_no_changes(clone: Clone, deployed: Deployed) -> None:
    environment = deployed.environment
    result = clone.run("plan", ENV=environment)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{environment}: no changes" in result.stdout, result.stdout
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


def test_a_copy_of_ones_own_stands_beside_the_others(clone: Clone, dev: Deployed) -> None:
    started = clone.run("up", ENV="dev", SUFFIX="alice", OWNER="alice")
    assert started.returncode == 0, started.stderr
    outputs = json.loads(clone.run("outputs", ENV="dev", SUFFIX="alice").stdout)
    assert [table["name"] for table in outputs["tables"]] == [PRODUCT.name("items", "alice")]
    assert outputs["base_url"] != dev.outputs["base_url"]
    again = clone.run("plan", ENV="dev", SUFFIX="alice", OWNER="alice")
    assert "no changes" in again.stdout
    taken = clone.run("plan", ENV="prod", SUFFIX="alice")
    assert taken.returncode == 0, taken.stderr
    refused = clone.run("apply", ENV="prod", SUFFIX="alice", CONFIRM="prod")
    assert refused.returncode == 1
    assert "suffix alice is taken" in refused.stderr
    assert "Owner: alice" in refused.stderr
    gone = clone.run("destroy", ENV="dev", SUFFIX="alice")
    assert gone.returncode == 0, gone.stderr
    assert clone.run("outputs", ENV="dev", SUFFIX="alice").returncode == 2


def test_prod_is_not_destroyed_without_every_address(clone: Clone, prod: Deployed) -> None:
    assert "add CONFIRM=prod" in clone.run("destroy", ENV="prod").stderr
    refused = clone.run("destroy", ENV="prod", CONFIRM="prod")
    assert refused.returncode == 2
    assert 'module.table["items"].aws_dynamodb_table.this' in refused.stderr
    assert "ALLOW_DESTROY=" in refused.stderr
    assert call(prod, "GET", "/health").status == 200


def test_a_stale_plan_is_not_applied(clone: Clone, dev: Deployed) -> None:
    assert clone.run("plan", ENV="dev").returncode == 0
    handler = clone.root / "lambda" / "items" / "handler.py"
    before = handler.read_text()
    try:
        handler.write_text(before + "\n# changed\n")
        assert clone.run("bundle").returncode == 0
        refused = clone.run("apply", ENV="dev")
    finally:
        handler.write_text(before)
        clone.run("bundle")
    assert refused.returncode == 2
    changed = "build/bundle/items.zip, lambda/items/handler.py"
    assert f"stale: {changed} changed since -> make plan ENV=dev" in refused.stderr


def test_prod_is_not_applied_without_confirmation(clone: Clone, prod: Deployed) -> None:
    assert clone.run("plan", ENV="prod").returncode == 0
    refused = clone.run("apply", ENV="prod")
    assert refused.returncode == 2
    assert "prod changes only on purpose -> add CONFIRM=prod" in refused.stderr


def test_an_apply_of_nothing_says_so(clone: Clone, dev: Deployed) -> None:
    plan = Stack("dev", "nobody", Target.LOCAL)
    refused = clone.run("apply", ENV=plan.environment, SUFFIX=plan.suffix)
    assert (refused.returncode, refused.stderr.count("error:")) == (2, 1)
    assert "there is no saved plan of dev (suffix nobody)" in refused.stderr


def test_the_state_is_locked_while_somebody_plans(clone: Clone, dev: Deployed, aws: Any) -> None:
    lock = {"ID": "1", "Operation": "OperationTypeApply", "Who": "bob@elsewhere", "Version": "1.11.4",
            "Created": "2026-01-01T00:00:00Z", "Path": "x", "Info": ""}  # fmt: skip
    key = {"Bucket": STATES, "Key": "dev/dev/terraform.tfstate.tflock"}
    aws("s3").put_object(**key, Body=json.dumps(lock).encode())
    try:
        refused = clone.run("plan", ENV="dev")
    finally:
        aws("s3").delete_object(**key)
    assert refused.returncode == 2
    assert "the state is locked, held by bob@elsewhere since 2026-01-01" in refused.stderr
    assert refused.stderr.count("error:") == 1


def test_logs_of_a_request_reach_the_functions_log_group(deployed: Deployed, aws: Any) -> None:
    planted = "planted-5d41402a"
    answer = call(deployed, "POST", "/items", {"name": planted})
    assert answer.status == 201
    group = f"/aws/lambda/{deployed.function}"
    deadline = time.monotonic() + 10
    messages = ""
    while answer.json()["id"] not in messages and time.monotonic() < deadline:
        events = aws("logs").filter_log_events(logGroupName=group)["events"]
        messages = "\n".join(event["message"] for event in events)
        if re.search(r'"status":\s*201', messages):
            break
        time.sleep(0.2)
    assert "request_id" in messages
    assert planted not in messages
