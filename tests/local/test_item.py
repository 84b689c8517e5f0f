"""What a client sees of the worked example: an item from creation to deletion, and who is let in."""

import re
import time
from typing import Any

import pytest
import urllib3
from tests.support.deployed import Deployed, call

pytestmark = pytest.mark.example


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


def test_prod_asks_for_the_key_and_dev_does_not(dev: Deployed, prod: Deployed) -> None:
    bare = urllib3.request("GET", prod.outputs["base_url"] + "/items", retries=False)
    wrong = urllib3.request("GET", prod.outputs["base_url"] + "/items", headers={"x-api-key": "x" * 40}, retries=False)
    assert (bare.status, wrong.status) == (403, 403)
    assert bare.json()["code"]
    assert urllib3.request("GET", prod.outputs["base_url"] + "/health", retries=False).status == 200
    assert call(prod, "GET", "/items").status == 200
    assert urllib3.request("GET", dev.outputs["base_url"] + "/items", retries=False).status == 200


def test_logs_of_a_request_reach_the_functions_log_group(deployed: Deployed, aws: Any) -> None:
    planted = "planted-5d41402a"
    answer = call(deployed, "POST", "/items", {"name": planted})
    assert answer.status == 201
    group = f"/aws/lambda/{deployed.function}"
    deadline = time.monotonic() + 60
    messages = ""
    while answer.json()["id"] not in messages and time.monotonic() < deadline:
        events = aws("logs").filter_log_events(logGroupName=group)["events"]
        messages = "\n".join(event["message"] for event in events)
        if re.search(r'"status":\s*201', messages):
            break
        time.sleep(0.2)
    assert "request_id" in messages
    assert planted not in messages
