"""CI plans where AWS takes its token, and with the role that is the environment's."""

from __future__ import annotations

import json

import pytest

from harness.base.errors import HarnessError
from harness.facts.blueprint import Blueprint, Environment
from harness.facts.ci_plans import ci_plans

BLUEPRINT = Blueprint("p", "p", "eu-west-1", {"calm": Environment(guarded=False), "live": Environment()})
BOTH = {"calm": {"plan": "c", "apply": "ca"}, "live": {"plan": "l", "apply": "la"}}


@pytest.mark.parametrize(
    ("roles", "event", "on_default", "planned"),
    [
        (BOTH, "push", True, {"calm": "c", "live": "l"}),
        (BOTH, "schedule", True, {"calm": "c", "live": "l"}),
        (BOTH, "pull_request", False, {"calm": "c"}),
        (BOTH, "workflow_dispatch", False, {}),  # of another branch
        ({"live": {"plan": "l"}}, "push", True, {"live": "l"}),
        ({"live": {"plan": "l"}}, "pull_request", False, {}),
        ({"gone": {"plan": "g"}}, "push", True, {}),
        (None, "push", True, {}),
    ],
)
def test_who_is_planned(
    roles: dict[str, dict[str, str]] | None, event: str, on_default: bool, planned: dict[str, str]
) -> None:
    text = "" if roles is None else json.dumps(roles)
    found = ci_plans(BLUEPRINT, text, event, on_default=on_default)
    assert {one["environment"]: one["role"] for one in found} == planned


@pytest.mark.parametrize("text", ["arn:aws:iam::0:role/r", "[]", '{"calm": "arn"}', '{"calm": {"apply": "a"}}', "1"])
def test_something_else_is_told(text: str) -> None:
    with pytest.raises(HarnessError, match="AWS_CI_ROLES holds no role ARNs by environment and purpose"):
        ci_plans(BLUEPRINT, text, "push", on_default=True)
