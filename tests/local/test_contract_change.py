"""A change of the contract that breaks clients is seen by ``make plan``, against what the alias serves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.clone import Clone
from tests.support.contract import document
from tests.support.deployed import Deployed

from harness.localaws.control import LocalAws

pytestmark = pytest.mark.example

BROKEN = "GET /items, query parameter limit: was maximum 100, is maximum 50"
STACK = {"ENV": "prod", "SUFFIX": "contract"}
MEANT = "info.version 1.0.0 is raised to 2.0.0"


@pytest.fixture
def contract(clone: Clone) -> Iterator[Callable[[str], None]]:
    """Write the contract with a smaller limit and a version, as JSON, which is YAML, too; afterwards as it was."""
    path = clone.root / "lambda" / "items" / "openapi.yaml"
    text = path.read_text()

    def write(version: str) -> None:
        written: dict[str, Any] = document("items")
        written["info"]["version"] = version
        written["paths"]["/items"]["get"]["parameters"][0]["schema"]["maximum"] = 50
        path.write_text(json.dumps(written, indent=1))

    yield write
    path.write_text(text)
    clone.run("bundle")


def test_a_break_keeps_a_guarded_environment_from_being_applied(
    clone: Clone, prod: Deployed, contract: Callable[[str], None]
) -> None:
    contract("1.1.0")
    planned = clone.run("plan", ENV="prod")
    assert planned.returncode == 1, planned.stdout + planned.stderr
    assert BROKEN in planned.stdout
    refused = clone.run("apply", ENV="prod", CONFIRM="prod")
    assert refused.returncode == 2, refused.stderr
    assert "1 finding keeps the saved plan of prod from being applied" in refused.stderr
    contract("2.0.0")
    planned = clone.run("plan", ENV="prod")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert BROKEN in planned.stdout and MEANT in planned.stdout


def test_a_break_is_shown_and_keeps_nobody_from_applying_elsewhere(
    clone: Clone, dev: Deployed, contract: Callable[[str], None]
) -> None:
    contract("1.1.0")
    planned = clone.run("plan", ENV="dev")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert BROKEN in planned.stdout


@pytest.fixture(scope="module")
def first_plan(clone: Clone, local_aws: LocalAws) -> str:
    """Plan and deploy a stack of its own, and return what its first plan said."""
    prepared = clone.run("bootstrap")
    assert prepared.returncode == 0, prepared.stderr
    planned = clone.run("plan", **STACK)
    started = clone.run("up", **STACK)
    assert started.returncode == 0, started.stdout + started.stderr
    return planned.stdout + planned.stderr


def test_before_anything_serves_nothing_is_compared(first_plan: str) -> None:
    assert "nothing serves yet, nothing is compared" in first_plan


def test_what_is_applied_and_not_released_is_not_what_is_served(
    clone: Clone, first_plan: str, contract: Callable[[str], None]
) -> None:
    """Only the release makes the new contract the one that clients know."""
    contract("2.0.0")
    assert clone.run("plan", **STACK).returncode == 0
    applied = clone.run("apply", **STACK, CONFIRM="prod")
    assert applied.returncode == 0, applied.stderr
    before = clone.run("plan", **STACK)
    assert "version 1: 1 break, meant" in before.stdout, before.stdout + before.stderr
    released = clone.run("release", **STACK, PACE="600")
    assert released.returncode == 0, released.stdout + released.stderr
    after = clone.run("plan", **STACK)
    assert "version 2: no client notices" in after.stdout, after.stdout + after.stderr
