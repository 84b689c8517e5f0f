"""A deployment that routes to what was removed is noticed; what the API has, by whomever, is no reason to deploy."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import botocore.exceptions
import pytest

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.operate.recovery.served import removed_but_served

STATE = [
    ("aws_lambda_function", {"function_name": "f"}),
    ("aws_api_gateway_stage", {"rest_api_id": "a", "stage_name": "v1"}),
]
SUMMARY: dict[str, dict[str, Any]] = {"/items": {"GET": {}, "POST": {}}, "/items/{id}": {"DELETE": {}}}


@dataclass
class Gateway:
    """An API of two pages of resources, and one deployment."""

    present: dict[str, list[str]]
    stages: tuple[dict[str, str], ...] = ({"restApiId": "a", "stageName": "v1"},)
    summary: dict[str, dict[str, Any]] | None = field(default_factory=lambda: SUMMARY)
    refuses: bool = False
    others: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def get_stage(self, **asked: str) -> dict[str, Any]:
        if self.refuses:
            raise botocore.exceptions.ClientError({"Error": {"Code": "NotFoundException"}}, "GetStage")
        assert asked in self.stages
        return {"deploymentId": "d"}

    def get_deployment(self, **asked: Any) -> dict[str, Any]:
        assert asked in [
            {"restApiId": one["restApiId"], "deploymentId": "d", "embed": ["apisummary"]} for one in self.stages
        ]
        return {"apiSummary": self.others.get(asked["restApiId"], self.summary)}

    def get_paginator(self, name: str) -> Any:
        assert name == "get_resources"
        items = [
            {"path": path, "resourceMethods": {verb: {} for verb in verbs}} for path, verbs in self.present.items()
        ]
        pages = [{"items": [{"path": "/"}]}, {"items": items}]
        return SimpleNamespace(paginate=lambda **_: pages)


def asked(gateway: Gateway, state: Any = STATE) -> tuple[str, ...]:
    return removed_but_served(cast(Aws, SimpleNamespace(client=lambda _: gateway)), state)


def test_a_deployment_of_what_is_there_is_left_alone() -> None:
    assert asked(Gateway({"/items": ["GET", "POST"], "/items/{id}": ["DELETE"], "/by-hand": ["GET"]})) == ()


@pytest.mark.parametrize(
    ("present", "left"),
    [
        ({"/items": ["GET", "POST"], "/items/{id}": []}, ("DELETE /items/{id}",)),
        ({"/items": ["GET"]}, ("DELETE /items/{id}", "POST /items")),
    ],
)
def test_what_was_removed_is_named(present: dict[str, list[str]], left: tuple[str, ...]) -> None:
    assert asked(Gateway(present)) == left


def test_every_stage_is_looked_at() -> None:
    second = ("aws_api_gateway_stage", {"rest_api_id": "b", "stage_name": "v2"})
    stages = ({"restApiId": "b", "stageName": "v2"}, {"restApiId": "a", "stageName": "v1"})
    gateway = Gateway({"/items": ["GET"]}, stages=stages, others={"b": {"/gone": {"PUT": {}}}})
    assert asked(gateway, [second]) == ("PUT /gone",)
    assert asked(gateway, [*STATE, second]) == ("DELETE /items/{id}", "POST /items", "PUT /gone")


def test_nothing_is_asked_without_a_stage() -> None:
    assert asked(Gateway({}, refuses=True), STATE[:1]) == ()


def test_an_api_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(HarnessError, match="does not say what the stage v1 serves"):
        asked(Gateway({}, refuses=True))
