"""Least privilege, both ways: every granted action is needed, and nothing else is allowed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.support.deployed import PRODUCT, Deployed
from tests.support.scenarios import Report
from tests.support.traffic import Answer, send
from tests.support.waiting import eventually

pytestmark = pytest.mark.example

_FOREIGN = [
    ("dynamodb", "scan", {"TableName": "{own}"}),
    ("dynamodb", "delete_table", {"TableName": "{own}"}),
    ("dynamodb", "batch_get_item", {"RequestItems": {"{other}": {"Keys": [{"id": {"S": "x"}}]}}}),
    ("dynamodb", "batch_write_item", {"RequestItems": {"{own}": [{"DeleteRequest": {"Key": {"id": {"S": "x"}}}}]}}),
    ("dynamodb", "get_item", {"TableName": "{other}", "Key": {"id": {"S": "x"}}}),
    ("dynamodb", "put_item", {"TableName": "{other}", "Item": {"id": {"S": "x"}}}),
    ("logs", "create_log_group", {"logGroupName": "/aws/lambda/another"}),
    ("iam", "list_roles", {}),
    ("s3", "list_buckets", {}),
    ("lambda", "list_functions", {}),
    ("kms", "list_keys", {}),
    ("sns", "list_topics", {}),
    ("sts", "assume_role", {"RoleArn": "arn:aws:iam::000000000000:role/{other}", "RoleSessionName": "probe"}),
]  # fmt: skip
_PROBE = """
import boto3, botocore.exceptions

def handler(event, context):
    try:
        getattr(boto3.client(event["service"]), event["method"])(**event["arguments"])
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"
"""


_CALLS = {"PutItem": "TransactWriteItems", "DeleteItem": "TransactWriteItems"}


@contextmanager
def _without(aws: Any, role: str, action: str) -> Iterator[None]:
    """The role's policy without one action."""
    client = aws("iam")
    policy = client.get_role_policy(RoleName=role, PolicyName="execution")["PolicyDocument"]
    policy = json.loads(policy) if isinstance(policy, str) else policy
    assert action in json.dumps(policy)
    less = json.loads(json.dumps(policy))
    for statement in less["Statement"]:
        statement["Action"] = [name for name in statement["Action"] if name != action]
    less["Statement"] = [statement for statement in less["Statement"] if statement["Action"]]
    client.put_role_policy(RoleName=role, PolicyName="execution", PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        client.put_role_policy(RoleName=role, PolicyName="execution", PolicyDocument=json.dumps(policy))


def _request(deployed: Deployed, action: str) -> Answer:
    """One request that needs ``action``."""
    item = "/items/denied"
    return {
        "GetItem": lambda: send(deployed, "GET", item),
        "PutItem": lambda: send(deployed, "POST", "/items", {"name": "denied"}),
        "DeleteItem": lambda: send(deployed, "DELETE", item),
        "Query": lambda: send(deployed, "GET", "/items"),
        "BatchGetItem": lambda: send(deployed, "GET", "/items"),
    }[action]()


def _log(aws: Any, deployed: Deployed, request_id: str) -> str:
    found = aws("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{deployed.function}", filterPattern=f'"{request_id}"'
    )
    return "\n".join(event["message"] for event in found["events"] if request_id in event["message"])


@pytest.mark.parametrize("action", ["GetItem", "BatchGetItem", "PutItem", "DeleteItem", "Query"])
def test_every_granted_action_is_needed(report: Report, deployed: Deployed, aws: Any, action: str) -> None:
    name = deployed.function
    with report.scenario(
        f"without-{action}",
        deployed.environment,
        injected=f"dynamodb:{action} removed from the role {name}",
        expected="500 internal without a name or ARN in it; the log names action and reason under the request id",
    ) as seen:
        send(deployed, "POST", "/items", {"id": "denied", "name": "denied"})
        with _without(aws, name, f"dynamodb:{action}"):
            answer = _request(deployed, action)
            line = eventually(lambda: _log(aws, deployed, answer.json()["request_id"]), 60)
        seen.saw(f"{answer.status} {answer.code}; logged: {action} refused: {'was refused' in line}")
        assert (answer.status, answer.code) == (500, "internal")
        text = answer.data.decode()
        hidden = ("arn:", PRODUCT.name("items", ""), "AccessDenied", "Traceback", action)
        assert not any(word in text for word in hidden)
        # A transaction is refused for the action of a write in it; the table's own words, in the log, say which.
        assert f"{_CALLS.get(action, action)} was refused: AccessDenied" in line and f"dynamodb:{action}" in line
        assert _request(deployed, action).status < 500


@pytest.fixture(scope="module", params=["dev", "prod"])
def probe(request: pytest.FixtureRequest, deployments: dict[str, Deployed], aws: Any) -> Iterator[Any]:
    """(environment, a function under that environment's role that makes one call and returns the error's code)."""
    deployed, client, name = deployments[request.param], aws("lambda"), f"denial-probe-{request.param}"
    role = client.get_function(FunctionName=deployed.function)["Configuration"]["Role"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("probe.py", _PROBE)
    client.create_function(
        FunctionName=name, Role=role, Runtime="python3.13", Handler="probe.handler", Timeout=20,
        Code={"ZipFile": buffer.getvalue()},
    )  # fmt: skip

    def ask(service: str, method: str, arguments: dict[str, Any]) -> str:
        event = {"service": service, "method": method, "arguments": arguments}
        return str(json.loads(client.invoke(FunctionName=name, Payload=json.dumps(event).encode())["Payload"].read()))

    yield request.param, ask
    client.delete_function(FunctionName=name)


def test_nothing_else_is_allowed(report: Report, probe: Any) -> None:
    own, ask = probe
    other = {"dev": "prod", "prod": "dev"}[own]
    names = {"{own}": PRODUCT.name("items", own), "{other}": PRODUCT.name("items", other)}
    with report.scenario(
        "foreign-actions",
        own,
        injected=f"{len(_FOREIGN)} calls the role is not granted, from a function that runs under it",
        expected="AccessDenied for each; what is granted is allowed",
    ) as seen:
        granted = ask("dynamodb", "get_item", {"TableName": names["{own}"], "Key": {"id": {"S": "x"}}})
        assert granted == "allowed"
        for service, method, arguments in _FOREIGN:
            filled = json.dumps(arguments)
            for placeholder, name in names.items():
                filled = filled.replace(placeholder, name)
            code = ask(service, method, json.loads(filled))
            seen.saw(f"{service}:{method} {code}")
            assert code in {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
