"""Two local AWSs for the probes: stock ministack, where each gap must still show, and the filled one.

A probe whose stock half fails says that upstream has closed the gap: delete the fill and its probe.
"""

from __future__ import annotations

import http.client
import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.support.raw_http import Response, request_bytes, send_bytes
from tests.support.signing import role_address, signed_headers

from harness.localaws import control
from harness.localaws.control import LocalAws
from harness.localaws.settings import Kind

TIME_FACTOR = 60.0  # on the filled one, a period of 60 s is one real second long
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_START_SECONDS = 60
_POOL = urllib3.PoolManager(maxsize=10, timeout=60, retries=False)
_HANDLER = """
import json, os, time

_METRIC = {"Namespace": "Embedded", "Dimensions": [["service"]], "Metrics": [{"Name": "Done", "Unit": "Count"}]}

def handler(event, context):
    kind = (event.get("pathParameters") or {}).get("kind")
    print(json.dumps({"_aws": {"CloudWatchMetrics": [_METRIC]}, "service": kind or "none", "Done": [1, 2]}))
    if "x-echo" in (event.get("headers") or {}):
        return {"statusCode": 200, "body": json.dumps(event)}
    if kind == "slow":
        time.sleep(0.5)
    if kind == "fail":
        raise ValueError("secret detail")
    if kind == "odd":
        return "no proxy response"
    if kind == "variables":
        found = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        return {"statusCode": 200, "body": json.dumps(found)}
    if kind == "endpoint":
        return {"statusCode": 200, "body": os.environ["AWS_ENDPOINT_URL"]}
    request_id = (event.get("requestContext") or {}).get("requestId", "")
    return {"statusCode": 200, "body": context.function_version, "headers": {"request-id": request_id}}
"""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whatever its status."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Emulator:
    """A running local AWS and how to call it."""

    local: LocalAws

    def client(self, service: str, keys: Mapping[str, Any] | None = None) -> Any:
        """A client with the account's root keys, or with those of a session."""
        environment = control.environment(self.local)
        if keys:
            names = {"AWS_ACCESS_KEY_ID": "AccessKeyId", "AWS_SECRET_ACCESS_KEY": "SecretAccessKey"}
            environment |= {name: str(keys[key]) for name, key in names.items()}
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            region_name=environment["AWS_REGION"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys["SessionToken"] if keys else None,
            config=Config(retries={"max_attempts": 0}, max_pool_connections=30),
        )

    def signed(self, service: str, path: str = "/", method: str = "GET", data: bytes = b"", **headers: str) -> Answer:
        """Send a request that is signed with the account's root keys."""
        url, environment = self.local.endpoint + path, control.environment(self.local)
        return self.http(path, method, data, signed_headers(environment, service, url, method, data, headers))

    def raw(self, method: str, path: str, *headers: tuple[str, str], body: bytes = b"") -> Response:
        """Send header lines as they are; ``Host`` is this server's unless it is among them."""
        request = request_bytes(self.local.endpoint, method, path, headers, body)
        if any(name == "Host" for name, _ in headers):
            request = request.replace(f"Host: 127.0.0.1:{self.local.port}\r\n".encode(), b"", 1)
        answer = send_bytes(self.local.endpoint, request)
        assert answer is not None
        return answer

    def query(self, service: str, operation: str, **parameters: str) -> str:
        """An operation over the Query protocol, which Terraform's provider speaks and boto3 no longer does."""
        body = urlencode({"Action": operation, "Version": "2010-08-01"} | parameters)
        return self.signed(service, "/", "POST", body.encode(), **FORM).body

    def http(
        self, path: str, method: str = "GET", data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        answer = _POOL.request(method, self.local.endpoint + path, body=data, headers=headers)
        return Answer(answer.status, dict(answer.headers), answer.data.decode())

    def exactly(self, path: str, headers: Sequence[tuple[str, str]] = (), data: bytes = b"") -> Answer:
        """Send a GET with path, query string and header lines as they are, which other clients would tidy up."""
        connection = http.client.HTTPConnection("127.0.0.1", self.local.port, timeout=60)
        try:
            connection.putrequest("GET", path, skip_host=any(name == "Host" for name, _ in headers))
            for name, value in (*headers, ("Content-Length", str(len(data)))):
                connection.putheader(name, value)
            connection.endheaders(data)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()


@dataclass(frozen=True)
class Stack:
    """A function behind ``GET /do/{kind}`` of a REST API's stage ``v1``, called through the alias ``live``."""

    emulator: Emulator
    name: str
    function_arn: str
    api_id: str
    deploy: Callable[[], str]

    def get(self, kind: str = "ok", **headers: str) -> Answer:
        return self.emulator.http(f"/restapis/{self.api_id}/v1/_user_request_/do/{kind}", headers=headers)

    def exactly(self, below: str, *headers: tuple[str, str], data: bytes = b"") -> Answer:
        """Send a GET below the stage as it is; see :meth:`Emulator.exactly`."""
        return self.emulator.exactly(f"/restapis/{self.api_id}/v1/_user_request_{below}", headers, data)

    def event(self, below: str, *headers: tuple[str, str]) -> Any:
        """Read the event that the function is given for a GET below the stage."""
        answer = self.exactly(below, ("x-echo", "1"), *headers)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)


def eventually(probe: Callable[[], Any], seconds: float = 120.0) -> Any:
    """The first truthy value of ``probe``, or its last value when time is up."""
    deadline = time.monotonic() + seconds
    while not (found := probe()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def as_role(emulator: Emulator, name: str, *statements: Any, boundary: str = "") -> Callable[[str], Any]:
    """Clients of a fresh role that may do what the statements say."""
    account = "arn:aws:iam::000000000000:root"
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}]}
    iam, more = emulator.client("iam"), {"PermissionsBoundary": boundary} if boundary else {}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **more)["Role"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)
    keys = emulator.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName=name)["Credentials"]
    return lambda service: emulator.client(service, keys)


def allow(*actions: str, on: str | list[str] = "*", sid: str = "All", **condition: Any) -> dict[str, Any]:
    """A statement; ``condition`` is operator -> keys and values."""
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": on}
    return {**statement, **({"Condition": condition} if condition else {})}


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    """The action that AWS names when it refuses a call; empty when it is let through, even if it fails then."""
    try:
        call(**arguments)
    except ClientError as error:
        found = re.search(r"not authorized to perform: (\S+)", error.response["Error"]["Message"])
        return found[1] if found else ""
    return ""


def create_role(keys: Mapping[str, str], emulator: Emulator, name: str) -> int:
    """Make a role as a page's form can; the answer's status."""
    address = role_address(keys, emulator.local.endpoint, name).removeprefix(emulator.local.endpoint)
    return emulator.http(address, "POST", b"", FORM).status


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("code.py", _HANDLER)
    return buffer.getvalue()


def make_function(emulator: Emulator, name: str) -> str:
    """A function with version 1 and the alias ``live``; its ARN."""
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    role = emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    functions = emulator.client("lambda")
    made = functions.create_function(
        FunctionName=name,
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="code.handler",
        Code={"ZipFile": archive()},
        Publish=True,
    )
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return str(made["FunctionArn"]).removesuffix(":1")


def _api(emulator: Emulator, name: str, function_arn: str) -> tuple[str, Callable[[], str]]:
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name=name)["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    parent = gateway.create_resource(restApiId=api, parentId=root, pathPart="do")["id"]
    resource = gateway.create_resource(restApiId=api, parentId=parent, pathPart="{kind}")["id"]
    where = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="NONE")
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function_arn}:live/invocations"
    gateway.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    return api, lambda: str(gateway.create_deployment(restApiId=api, stageName="v1")["id"])


def permit(emulator: Emulator, name: str, api_id: str, path: str = "v1/GET/do/*") -> None:
    """Let the API call the function's alias ``live``, for ``path`` of stage, method and resource."""
    emulator.client("lambda").add_permission(
        FunctionName=name,
        Qualifier="live",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:eu-west-1:000000000000:{api_id}/{path}",
    )


def make_stack(emulator: Emulator, name: str, *, permitted: bool = True) -> Stack:
    """A fresh, deployed :class:`Stack`."""
    function_arn = make_function(emulator, name)
    api_id, deploy = _api(emulator, name, function_arn)
    if permitted:
        permit(emulator, name, api_id)
    deploy()
    return Stack(emulator, name, function_arn, api_id, deploy)


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("stock")
    running = control.start(folder, None, _START_SECONDS, die_with_parent=True, kind=Kind.STOCK)
    yield Emulator(running)
    control.stop(running)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("filled")
    running = control.start(folder, None, _START_SECONDS, die_with_parent=True, time_factor=TIME_FACTOR)
    yield Emulator(running)
    control.stop(running)


@pytest.fixture(scope="session")
def stock_stack(stock: Emulator) -> Stack:
    return make_stack(stock, "shared")


@pytest.fixture(scope="session")
def filled_stack(filled: Emulator) -> Stack:
    return make_stack(filled, "shared")
