"""The API is deployed anew exactly when what clients meet changes: the contract or the gateway's own answers."""

from __future__ import annotations

import pytest
from tests.support.collecting import accepted_plan


def trigger(config: pytest.Config, case: str) -> object:
    plan = accepted_plan(config, "api").result()
    return plan.resource(f"module.api__{case}.aws_api_gateway_deployment.this").value("triggers.content")


@pytest.mark.parametrize("case", ["limited_and_traced", "browsers_and_firewall", "browsers_with_own_headers"])
def test_it_redeploys(case: str, pytestconfig: pytest.Config) -> None:
    assert trigger(pytestconfig, case) != trigger(pytestconfig, "contract")


def test_it_does_not_redeploy_for_settings_of_the_stage(pytestconfig: pytest.Config) -> None:
    assert trigger(pytestconfig, "other_settings_of_the_stage") == trigger(pytestconfig, "contract")
