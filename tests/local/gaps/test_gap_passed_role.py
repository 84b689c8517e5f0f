"""Probe of gap_passed_role."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator, allow, archive, as_role, make_function, refused

_ROLES = "arn:aws:iam::000000000000:role"
_LAMBDA = {"iam:PassedToService": "lambda.amazonaws.com"}


def _make(client: Any, name: str, role: str) -> Any:
    return client.create_function(
        FunctionName=name,
        Role=f"{_ROLES}/{role}",
        Runtime="python3.13",
        Handler="code.handler",
        Code={"ZipFile": archive()},
    )


def test_stock_still_lets_any_role_be_passed(stock: Emulator) -> None:
    make_function(stock, "powerful")
    client = as_role(stock, "maker", allow("lambda:*"))("lambda")
    assert refused(lambda: _make(client, "taken", "powerful")) == "", "upstream asks: delete gap_passed_role"


def test_only_a_role_that_may_be_passed_is_taken(filled: Emulator) -> None:
    for name in ("ours-runs", "powerful"):
        make_function(filled, name)
    pass_ours = allow("iam:PassRole", on=f"{_ROLES}/ours-*", sid="Pass", StringEquals=_LAMBDA)
    client = as_role(filled, "maker", allow("lambda:*"), pass_ours)("lambda")
    assert refused(lambda: _make(client, "made", "ours-runs")) == ""
    assert refused(lambda: _make(client, "taken", "powerful")) == "iam:PassRole"
    change = {"FunctionName": "made", "Role": f"{_ROLES}/powerful"}
    assert refused(lambda: client.update_function_configuration(**change)) == "iam:PassRole"
    assert refused(lambda: client.update_function_configuration(FunctionName="made", Timeout=5)) == ""


def test_a_role_is_passed_to_the_named_service_only(filled: Emulator) -> None:
    other = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    elsewhere = allow("iam:PassRole", on=f"{_ROLES}/ours-*", sid="Pass", StringEquals=other)
    client = as_role(filled, "other-service", allow("lambda:*"), elsewhere)("lambda")
    assert refused(lambda: _make(client, "elsewhere", "ours-runs")) == "iam:PassRole"
