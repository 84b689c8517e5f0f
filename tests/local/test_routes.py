"""Routes of a stack of its own: one that leaves the contract is served no more, one that comes is served at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.clone import Clone
from tests.support.contract import document
from tests.support.deployed import PRODUCT, Deployed, call, read_outputs

from harness.localaws.control import LocalAws

pytestmark = pytest.mark.example

STACK = {"ENV": "dev", "SUFFIX": "routes"}
REMOVED = ("DELETE", "/items/{id}")
KEPT = "GET /items"
PATH = "/items/00000000-0000-4000-8000-000000000000"
AGAIN = "the stage still routes to DELETE /items/{id}"


@pytest.fixture(scope="module")
def service(clone: Clone, local_aws: LocalAws) -> Deployed:
    started = clone.run("up", **STACK, OWNER="kay")
    assert started.returncode == 0, started.stderr
    return Deployed("dev", started.stdout, read_outputs(clone.run("outputs", **STACK, REVEAL="1").stdout))


@pytest.fixture(scope="module")
def contract(clone: Clone) -> Iterator[Callable[..., None]]:
    """Write the contract with or without the operation that comes and goes, or with more parameters; then as it was.

    As JSON, which is YAML, too. Smoke requests of what is taken out go with it, the units it asks of tables, and the
    function that answers it; its share of the rate goes to another.
    """
    folder = clone.root / "lambda" / "items"
    path, facts, code = (folder / name for name in ("openapi.yaml", "service.yaml", "handler.py"))
    text, smoke, functions = path.read_text(), facts.read_text(), code.read_text()
    route = re.escape(" ".join(REMOVED))
    without, steps = re.subn(rf'.*send: "{route}".*\n', "", smoke)
    without, units = re.subn(rf"^ +{route}: \{{.*\n", "", without, flags=re.MULTILINE)
    share = re.search(rf"^  {route}: (\d+)\n", without, re.MULTILINE)
    assert steps and units and share
    without = re.sub(
        rf"^  {re.escape(KEPT)}: (\d+)\n",
        lambda kept: f"  {KEPT}: {int(kept[1]) + int(share[1])}\n",
        without.replace(share[0], ""),
        flags=re.MULTILINE,
    )

    answered = document("items")["paths"][REMOVED[1]][REMOVED[0].lower()]["operationId"]
    fewer, answers = re.subn(rf'@app\.answers\("{answered}"\)\n(?:.+\n)+\n\n', "", functions)
    assert answers == 1

    def write(whole: bool, *added: dict[str, Any]) -> None:
        written = document("items")
        if not whole:
            del written["paths"][REMOVED[1]][REMOVED[0].lower()]
        written["paths"]["/items"]["get"]["parameters"] += added
        path.write_text(json.dumps(written, indent=1))
        facts.write_text(smoke if whole else without)
        code.write_text(functions if whole else fewer)

    yield write
    path.write_text(text)
    facts.write_text(smoke)
    code.write_text(functions)
    clone.run("bundle")


def _applied(clone: Clone) -> str:
    planned = clone.run("plan", **STACK, OWNER="kay")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    # Without OWNER: a second deployment keeps the deployed one.
    applied = clone.run("apply", **STACK)
    assert applied.returncode == 0, applied.stderr
    return applied.stderr


def _api(service: Deployed) -> str:
    return str(service.outputs["base_url"]).partition("/restapis/")[2].partition("/")[0]


def _code(service: Deployed) -> tuple[int, str]:
    answer = call(service, "DELETE", PATH)
    return answer.status, answer.json()["code"]


def test_a_removed_operation_is_served_no_more(
    clone: Clone, service: Deployed, contract: Callable[..., None], aws: Any
) -> None:
    assert _code(service) == (404, "not_found")
    contract(False)
    said = _applied(clone)
    assert _code(service) == (404, "route_not_found"), said
    assert said.count(AGAIN) == 1
    assert call(service, "GET", "/items").status == 200
    settings = aws("apigateway").get_stage(restApiId=_api(service), stageName="v1")["methodSettings"]
    assert f"{REMOVED[1].replace('/', '~1')}/{REMOVED[0]}" not in settings
    planned = clone.run("plan", **STACK, OWNER="kay")
    assert "no changes" in planned.stdout, planned.stdout


def test_an_added_operation_is_served_after_one_apply(
    clone: Clone, service: Deployed, contract: Callable[..., None]
) -> None:
    contract(True)
    assert AGAIN not in _applied(clone)
    assert _code(service) == (404, "not_found")


def test_a_parameter_comes_to_a_route_and_goes(clone: Clone, service: Deployed, contract: Callable[..., None]) -> None:
    assert call(service, "GET", "/items?page=1").status == 400
    contract(True, {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}})
    _applied(clone)
    refused = call(service, "GET", "/items")
    assert (refused.status, refused.json()["detail"]) == (400, "Missing required request parameters: [page]")
    assert call(service, "GET", "/items?page=x").json()["detail"] == (
        'query parameter page: must satisfy type "integer".'
    )
    assert call(service, "GET", "/items?page=1").status == 200
    contract(True)
    _applied(clone)
    assert call(service, "GET", "/items").status == 200
    planned = clone.run("plan", **STACK, OWNER="kay")
    assert "no changes" in planned.stdout, planned.stdout


def test_an_api_damaged_by_hand_is_restored_from_the_contract(clone: Clone, service: Deployed, aws: Any) -> None:
    gateway, api = aws("apigateway"), _api(service)
    resources = {item["path"]: item["id"] for item in gateway.get_resources(restApiId=api)["items"]}
    gateway.delete_method(restApiId=api, resourceId=resources["/items"], httpMethod="POST")
    # Deployed by hand: now the stage lacks it, too.
    gateway.create_deployment(restApiId=api, stageName="v1")
    assert call(service, "POST", "/items", {"name": "kettle"}).status == 404
    shown = clone.run("restore", **STACK, WHAT="api")
    assert (shown.returncode, call(service, "POST", "/items", {"name": "kettle"}).status) == (0, 404), shown.stderr
    assert '~ module.api.aws_api_gateway_method.this["POST /items"]' in shown.stderr
    assert "nothing is changed; to restore it add CONFIRM=dev" in shown.stderr
    gateway.delete_stage(restApiId=api, stageName="v1")
    done = clone.run("restore", **STACK, WHAT="api", CONFIRM="dev")
    assert done.returncode == 0, done.stderr
    assert "the stage serves what the contract says; the plan is empty" in done.stderr
    assert call(service, "POST", "/items", {"name": "kettle"}).status == 201
    backup = clone.run("backup", **STACK)
    assert (backup.returncode, json.loads(backup.stdout)["stage_differs"]) == (0, []), backup.stderr


def test_a_restore_that_would_change_more_than_the_api_is_refused(clone: Clone, service: Deployed, aws: Any) -> None:
    gateway, watch, api = aws("apigateway"), aws("cloudwatch"), _api(service)
    before = gateway.get_stage(restApiId=api, stageName="v1")["deploymentId"]
    watch.delete_dashboards(DashboardNames=[PRODUCT.name("", "routes")])
    refused = clone.run("restore", **STACK, WHAT="api", CONFIRM="dev")
    assert (refused.returncode, refused.stderr.count("error:")) == (2, 1), refused.stderr
    assert "a new deployment would change module.alarms.aws_cloudwatch_dashboard.this, too" in refused.stderr
    assert gateway.get_stage(restApiId=api, stageName="v1")["deploymentId"] == before
    assert "there is no saved plan" in clone.run("apply", **STACK).stderr
