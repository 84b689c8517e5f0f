"""What a team adds is deployed and answers: a second service with its table, a queue, a third environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from tests.growth.growing import ENVIRONMENT, SERVICE, grow
from tests.support.clone import Clone, clone_tree
from tests.support.deployed import Deployed, read_outputs

from harness.aws.clients import aws_client
from harness.facts import read_blueprint
from harness.localaws import control
from harness.localaws.control import LocalAws

FREE = next(name for name, each in read_blueprint().environments.items() if not each.guarded)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Clone, LocalAws]]:
    """A copy that has grown, and a local AWS of its own."""
    clone = clone_tree(tmp_path_factory.mktemp("grown") / "tree")
    grow(clone.root)
    running = control.start(clone.root / "build" / "local", None, 60, die_with_parent=True)
    yield clone, running
    control.stop(running)


def up(clone: Clone, environment: str) -> Deployed:
    started = clone.run("up", ENV=environment)
    assert started.returncode == 0, started.stdout + started.stderr
    outputs = read_outputs(clone.run("outputs", ENV=environment, REVEAL="1").stdout)
    return Deployed(environment, started.stdout + started.stderr, outputs)


def versions(clone: Clone, running: LocalAws) -> dict[str, str]:
    """Version that each function's alias of the unguarded environment serves, by service."""
    env = control.environment(running)
    client: Any = aws_client("lambda", env["AWS_REGION"], env)
    names = {service: read_blueprint(clone.root).name(service, FREE) for service in ("items", SERVICE)}
    return {s: client.get_alias(FunctionName=name, Name="live")["FunctionVersion"] for s, name in names.items()}


def test_a_third_environment_with_two_services_answers(grown: tuple[Clone, LocalAws]) -> None:
    clone, running = grown
    deployed = up(clone, ENVIRONMENT)
    assert f"smoke {ENVIRONMENT}" in deployed.printed
    body = json.dumps({"customer": "ada", "number": 3}).encode()
    url, headers = deployed.outputs["base_url"], {**deployed.headers, "content-type": "application/json"}
    made = urllib3.request("POST", f"{url}/orders", body=body, headers=headers, retries=False)
    assert (made.status, made.json()) == (201, {"customer": "ada", "number": 3})
    assert urllib3.request("GET", f"{url}/orders/ada/3", headers=deployed.headers, retries=False).status == 200
    assert urllib3.request("GET", f"{url}/items", headers=deployed.headers, retries=False).status == 200
    assert urllib3.request("POST", f"{url}/orders", body=body, retries=False).status == 403
    env = control.environment(running)
    queues: Any = aws_client("sqs", env["AWS_REGION"], env)
    address = queues.get_queue_url(QueueName=read_blueprint(clone.root).name("jobs", ENVIRONMENT))["QueueUrl"]
    messages = queues.receive_message(QueueUrl=address, MaxNumberOfMessages=10)["Messages"]
    told = [json.loads(one["Body"]) for one in messages]
    assert {"customer": "ada", "number": 3} in told
    again = clone.run("plan", ENV=ENVIRONMENT)
    assert f"{ENVIRONMENT}: no changes" in again.stdout, again.stdout + again.stderr


def test_a_release_takes_the_second_services_code_live(grown: tuple[Clone, LocalAws]) -> None:
    clone, running = grown
    up(clone, FREE)
    handler = clone.root / "lambda" / SERVICE / "handler.py"
    handler.write_text(handler.read_text() + "\n# changed\n")
    assert versions(clone, running) == {"items": "1", SERVICE: "1"}
    for verb in ("plan", "apply", "release"):
        done = clone.run(verb, ENV=FREE)
        assert done.returncode == 0, done.stdout + done.stderr
    assert versions(clone, running) == {"items": "1", SERVICE: "2"}
    back = clone.run("rollback", ENV=FREE)
    assert back.returncode == 0, back.stdout + back.stderr
    assert versions(clone, running) == {"items": "1", SERVICE: "1"}
