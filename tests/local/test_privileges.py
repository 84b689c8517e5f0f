"""The function cannot do what it was not granted: asked from inside a function that runs under the same role."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.deployed import PRODUCT, Deployed

pytestmark = pytest.mark.example

OWN, OTHER = (PRODUCT.name("items", suffix) for suffix in ("dev", "prod"))
# Runs one SDK call and reports what AWS said to it.
PROBE = """
import boto3, botocore.exceptions, json
def handler(event, context):
    client = boto3.client(event["service"])
    try:
        getattr(client, event["method"])(**event["arguments"])
    except botocore.exceptions.ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    return {"code": "", "message": ""}
"""


@pytest.fixture(scope="module")
def ask(dev: Deployed, aws: Any) -> Iterator[Any]:
    client = aws("lambda")
    role = client.get_function(FunctionName=dev.function)["Configuration"]["Role"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("probe.py", PROBE)
    client.create_function(
        FunctionName="privilege-probe",
        Role=role,
        Runtime="python3.13",
        Handler="probe.handler",
        Timeout=20,
        Code={"ZipFile": buffer.getvalue()},
    )

    def call(service: str, method: str, **arguments: Any) -> str:
        event = {"service": service, "method": method, "arguments": arguments}
        answer = client.invoke(FunctionName="privilege-probe", Payload=json.dumps(event).encode())
        result = json.loads(answer["Payload"].read())
        assert "code" in result, result
        return str(result["code"])

    yield call
    client.delete_function(FunctionName="privilege-probe")


def test_a_granted_call_is_allowed(ask: Any, dev: Deployed) -> None:
    """Without this, a probe that is always refused would make every other test here pass."""
    assert dev.table == OWN
    assert ask("dynamodb", "get_item", TableName=OWN, Key={"id": {"S": "none"}}) == ""


@pytest.mark.parametrize(
    ("service", "method", "arguments"),
    [
        ("dynamodb", "scan", {"TableName": OWN}),
        ("dynamodb", "delete_table", {"TableName": OWN}),
        ("dynamodb", "describe_table", {"TableName": OWN}),
        ("dynamodb", "get_item", {"TableName": OTHER, "Key": {"id": {"S": "x"}}}),
        ("dynamodb", "put_item", {"TableName": OTHER, "Item": {"id": {"S": "x"}}}),
        ("logs", "create_log_group", {"logGroupName": "/aws/lambda/another"}),
        ("iam", "list_roles", {}),
        ("s3", "list_buckets", {}),
        ("lambda", "list_functions", {}),
        ("kms", "list_keys", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_is_denied(
    ask: Any, prod: Deployed, service: str, method: str, arguments: dict[str, Any]
) -> None:
    assert ask(service, method, **arguments) in {"AccessDenied", "AccessDeniedException"}
