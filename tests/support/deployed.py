"""A deployed environment, as local tests see it, and one request to it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import urllib3
from tests.support.clone import Clone

from harness.aws.clients import aws_client
from harness.facts import read_blueprint
from harness.localaws import control
from harness.localaws.control import LocalAws

PRODUCT = read_blueprint()
"""What the product and everything of it is called."""
FREE = min(PRODUCT.environments, key=lambda name: PRODUCT.environments[name].guarded)
"""An environment that may be changed without more ado, where there is one."""
STATES = PRODUCT.state_bucket("000000000000")
"""Bucket that keeps the states of the local AWS's account."""


class Secret(str):
    """A text that no failing test prints."""

    def __repr__(self) -> str:
        return "'(secret)'"


def read_outputs(printed: str) -> dict[str, Any]:
    """Read what ``make -s outputs REVEAL=1`` prints, the API key as one that is not printed again."""
    outputs: dict[str, Any] = json.loads(printed)
    return outputs | {"api_key": Secret(outputs["api_key"])}


@dataclass(frozen=True)
class Deployed:
    """An environment on the session's local AWS.

    Attributes:
        environment: folder below ``envs/``.
        printed: output of ``make up``, both streams.
        outputs: see :func:`read_outputs`.
    """

    environment: str
    printed: str
    outputs: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        """The API key header, where one is needed."""
        return {"x-api-key": self.outputs["api_key"]} if self.outputs["api_key_required"] else {}

    @property
    def function(self) -> str:
        """Return the name of the first function."""
        return self.function_of()["name"]

    @property
    def table(self) -> str:
        """Return the name of the first table."""
        return str(self.outputs["tables"][0]["name"])

    def function_of(self, service: str = "") -> dict[str, str]:
        """Return name, alias and service of the function of ``service``; of the first one when it is empty."""
        return dict(next(one for one in self.outputs["functions"] if service in ("", one["service"])))


def made_up_key(tables: Any, table: str, number: int = 1) -> dict[str, dict[str, str]]:
    """Return a key as a table has it, in DynamoDB's form.

    Args:
        tables: a client of DynamoDB that may describe the table.
    """
    described = tables.describe_table(TableName=table)["Table"]
    kinds = {one["AttributeName"]: one["AttributeType"] for one in described["AttributeDefinitions"]}
    values = {"S": f"made-up-{number}", "N": str(number)}
    return {
        one["AttributeName"]: {(kind := kinds[one["AttributeName"]]): values[kind]} for one in described["KeySchema"]
    }


def clients_of(local: LocalAws, region: str = PRODUCT.region) -> Callable[[str], Any]:
    """Return what makes a client of a service of a local AWS, with the account's root keys."""
    env = control.environment(local)
    return lambda service: aws_client(service, region, env)


def bring_up(clone: Clone, *environments: str) -> dict[str, Deployed]:
    """Deploy environments at the same time, as several people would."""
    prepared = clone.run("bootstrap")
    assert prepared.returncode == 0, prepared.stderr
    runs = {environment: clone.start("up", ENV=environment) for environment in environments}
    return {environment: _finished(clone, environment, run) for environment, run in runs.items()}


def _finished(clone: Clone, environment: str, run: subprocess.Popen[str]) -> Deployed:
    printed, _ = run.communicate()
    assert run.returncode == 0, printed
    outputs = clone.run("outputs", ENV=environment, REVEAL="1")
    assert outputs.returncode == 0, outputs.stderr
    return Deployed(environment, printed, read_outputs(outputs.stdout))


def call(deployed: Deployed, method: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
    """Send one request with the environment's key; ``body`` as JSON, or as it is when it is bytes."""
    data = body if isinstance(body, bytes) else (json.dumps(body).encode() if body is not None else None)
    sent = (
        {**deployed.headers, "content-type": "application/json", **headers} if data else {**deployed.headers, **headers}
    )
    url = deployed.outputs["base_url"] + path
    return urllib3.request(method, url, body=data, headers=sent, retries=False, timeout=60)
