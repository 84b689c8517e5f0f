"""docs/adopt.md holds: it is followed block by block, and the product that it makes keeps every promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.adoption.walking import BEFORE, LAST, PAGE, SECTIONS, Walk, git
from tests.support.clone import Clone
from tests.support.deployed import clients_of
from tests.support.pages import FILES

from harness.facts import read_blueprint, service_names
from harness.localaws import control

pytestmark = pytest.mark.example

GENERIC = ("modules/", "scripts/", "tests/support/", "tests/modules/", "tests/policies/", "tests/unit/")


@pytest.mark.parametrize("title", BEFORE)
def test_a_section_can_be_followed(title: str, walk: Walk) -> None:
    walk.reach(title)


def test_a_reader_sees_which_file_a_block_is_about() -> None:
    """A fence's words are not shown where the page is rendered."""
    above: list[str] = []
    unnamed = []
    blocks = {block.line: block for section in SECTIONS.values() for block in section.blocks}
    for number, line in enumerate(PAGE.read_text().splitlines(), 1):
        block = blocks.get(number)
        if block is not None and block.language in ("diff", *FILES) and f"`{block.rest}`" not in "\n".join(above):
            unnamed.append(f"line {number}: {block.rest}")
        above = [] if line.startswith("```") else [*above, line]
    assert unnamed == []


def test_no_generic_file_was_changed(deployed: Walk) -> None:
    changed = {name for one in deployed.followed.values() for name in one.changed}
    assert [name for name in changed if name.startswith(GENERIC)] == []
    assert "blueprint.yaml" in changed


def test_the_product_is_the_teams(deployed: Walk) -> None:
    root = deployed.clone.root
    assert service_names(root) == ("orders", "payments")
    assert list(read_blueprint(root).environments) == ["dev", "prod", "staging"]
    assert not (root / "tests" / "lambda" / "items").exists()


def test_a_second_plan_is_empty(deployed: Walk) -> None:
    assert "staging: no changes" in _run(deployed.clone, "plan", ENV="staging")


def test_documents_are_up_to_date(deployed: Walk) -> None:
    _run(deployed.clone, "docs")
    assert git(deployed.clone.root, "status", "--porcelain") == ""


def test_the_queue_got_what_was_paid(deployed: Walk) -> None:
    """The field and the routes were asked for on the page itself."""
    queues, product = _aws(deployed)("sqs"), read_blueprint(deployed.clone.root)
    address = queues.get_queue_url(QueueName=product.name("jobs", "staging"))["QueueUrl"]
    messages = queues.receive_message(QueueUrl=address, MaxNumberOfMessages=10)["Messages"]
    assert all(json.loads(one["Body"])["order"] for one in messages)


def test_the_second_function_has_a_role_and_alarms_of_its_own(deployed: Walk) -> None:
    outputs = json.loads(_run(deployed.clone, "outputs", ENV="staging"))
    functions = {one["service"]: one["name"] for one in outputs["functions"]}
    assert functions.keys() == {"orders", "payments"}
    aws = _aws(deployed)
    roles = {aws("lambda").get_function_configuration(FunctionName=name)["Role"] for name in functions.values()}
    assert len(roles) == len(functions)
    for name in functions.values():
        alarms = aws("cloudwatch").describe_alarms_for_metric(
            Namespace="AWS/Lambda", MetricName="Errors", Dimensions=[{"Name": "FunctionName", "Value": name}]
        )
        assert alarms["MetricAlarms"], name


def test_the_last_section_stops_it(deployed: Walk) -> None:
    deployed.reach(LAST)
    assert control.running(deployed.clone.root / "build" / "local") is None


def _aws(deployed: Walk) -> Callable[[str], Any]:
    """Return what makes clients of the local AWS that the product stands on."""
    running = control.running(deployed.clone.root / "build" / "local")
    assert running is not None
    return clients_of(running, read_blueprint(deployed.clone.root).region)


def _run(clone: Clone, verb: str, **settings: str) -> str:
    done = clone.run(verb, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
