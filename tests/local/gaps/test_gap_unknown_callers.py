"""Probe of gap_unknown_callers: what a request may do whose sender has no key of this start."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.local.gaps.conftest import FORM, Emulator, Stack, create_role, make_stack
from tests.support.raw_http import Response, send_bytes
from tests.support.signing import PUBLISHED, signed_headers

from harness.localaws import control
from harness.localaws.settings import Kind

_UPGRADE = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"))
_SOCKET_KEY = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A stock one that may be wiped."""
    folder = tmp_path_factory.mktemp("unguarded")
    running = control.start(folder, None, 60, die_with_parent=True, kind=Kind.STOCK)
    yield Emulator(running)
    control.stop(running)


def _shut(answer: Response) -> bool:
    """Tell if a request was turned away before anything looked at it."""
    words = (b"the local AWS", b"MissingAuthenticationToken", b">Access Denied</Message>", b"is denied.</Message>")
    told = any(one in answer.body for one in words)
    return 400 <= answer.status < 404 and told and "access-control-allow-origin" not in answer.headers


def _marked(emulator: Emulator, name: str) -> Callable[[], bool]:
    """Make a table; return what tells if it is there."""
    tables = emulator.client("dynamodb")
    tables.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return lambda: name in tables.list_tables()["TableNames"]


def test_stock_still_lets_anybody_in(unguarded: Emulator) -> None:
    there = _marked(unguarded, "mine")
    assert there()
    assert create_role(PUBLISHED, unguarded, "stranger") == 200
    assert unguarded.client("iam").get_role(RoleName="stranger")["Role"]
    wiped = unguarded.raw("POST", "/_ministack/reset", ("Host", "evil.example"), ("Origin", "http://evil.example"))
    assert (wiped.status, there()) == (200, False), "upstream knows its callers: delete gap_unknown_callers"
    answer = unguarded.signed("sts", "/?Action=GetCallerIdentity&Version=2011-06-15", Origin="http://evil.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "[::1]:{port}",
     "0.0.0.0:{port}", "x.localhost:{port}", "x.execute-api.localhost.evil.example:{port}",
     "a" * 32 + ".lambda-url.eu-west-1.localhost:{port}", "x.cloudfront.localhost:{port}", ""],
)  # fmt: skip
def test_another_host_is_refused_even_with_the_keys(filled: Emulator, host: str) -> None:
    name = host.format(port=filled.local.port)
    there = filled.client("s3").list_buckets
    url = f"http://{name or 'x'}/?Action=GetCallerIdentity&Version=2011-06-15"
    signed = {**signed_headers(control.environment(filled.local), "sts", url), "Host": name}
    for path, headers in (("/_ministack/reset", {"Host": name}), (url.partition(name or "x")[2], signed)):
        answer = filled.raw("POST" if "reset" in path else "GET", path, *headers.items())
        assert (answer.status, answer.body.count(b"\n")) == (403, 1)
        assert b"Host" in answer.body
    assert there()


def test_two_hosts_and_none_are_refused(filled: Emulator) -> None:
    own = f"127.0.0.1:{filled.local.port}"
    twice = filled.raw("GET", "/_ministack/health", ("Host", own), ("Host", own))
    none = send_bytes(filled.local.endpoint, b"GET /_ministack/health HTTP/1.0\r\n\r\n")
    assert (twice.status, none is not None and none.status) in [(400, 400), (400, 403), (403, 403)]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_its_own_names_are_taken(filled: Emulator, name: str) -> None:
    assert filled.raw("GET", "/_ministack/health", ("Host", f"{name}:{filled.local.port}")).status == 200


@pytest.mark.parametrize(
    "header",
    [("Origin", "http://evil.example"), ("Origin", "null"), ("Origin", "http://127.0.0.1:1"), ("Origin", ""),
     ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", "new-word")],
)  # fmt: skip
def test_what_a_browser_sends_for_another_page_is_refused(filled: Emulator, header: tuple[str, str]) -> None:
    path = "/?Action=GetCallerIdentity&Version=2011-06-15"
    right = signed_headers(control.environment(filled.local), "sts", filled.local.endpoint + path)
    signed = filled.http(path, headers={**right, header[0]: header[1]})
    health = filled.raw("GET", "/_ministack/health", header)
    form = filled.raw("POST", "/", header, *FORM.items(), body=b"Action=AssumeRoleWithWebIdentity")
    assert [signed.status, health.status, form.status] == [403, 403, 403]
    assert "page" in signed.body


def _paths_in_source() -> set[str]:
    """List every path that ministack's application, router and health know, as they stand in its source."""
    found: set[str] = set()
    package = Path(str(__import__("ministack").__file__)).parent
    for file in (package / "app.py", package / "core" / "router.py", package / "core" / "rds_iam.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/"):
                found.add(node.value.partition(" ")[0].replace("{", "").replace("}", ""))
    return {path for path in found if path.isascii() and path.isprintable()}


_MORE = (
    "/_ministack/reset?init=1", "/_ministack/lambda-code/f", "/_ministack/lambda-code/000000000000/eu-west-1/f",
    "/_ministack/lambda-layers/l/1/content", "/_aws/lambda-url/x/y", "/latest/meta-data/iam/security-credentials/x",
    "/latest/api/token", "/v2/credentials/x", "/_ministack/eks-auth/x", "/_ministack/cfn-response/x",
    "/_ministack%2Freset", "/%5Fministack/reset", "//_ministack/reset", "/./_ministack/reset",
    "/pool/.well-known/jwks.json", "/bucket/key", "/2015-03-31/functions/f/invocations", "/_alb/x/y", "/queue",
    "/000000000000/queue?Action=SendMessage", "/?Action=ConfirmSubscription&TopicArn=t&Token=x",
    "/?Action=AssumeRoleWithWebIdentity", "/?Action=AssumeRoleWithSAML", "/restapis", "/restapis/x/resources",
    "/restapis/x/v1/_user_request", "/restapis/x/v1//_user_request_/x", "/_aws/execute-api", "/_aws/execute-api/",
)  # fmt: skip
_ASKED = ("GET", "POST", "PUT", "DELETE", "OPTIONS")


def test_every_path_of_the_source_is_closed_without_a_signature(filled: Emulator) -> None:
    there = _marked(filled, "unsigned-kept")
    paths = _paths_in_source() | set(_MORE)
    assert {"/_ministack/reset", "/_ministack/config", "/latest/", "/oauth2/token", "/_localstack/health"} <= paths
    assert len(paths) > 60
    open_ = {
        (method, path): answer.status
        for path in sorted(paths)
        for method in _ASKED
        if not _shut(answer := filled.raw(method, path))
    }
    assert open_ == {("GET", "/_ministack/health"): 200}
    assert there()


def test_admin_paths_are_closed_with_a_signature_too(filled: Emulator) -> None:
    there = _marked(filled, "signed-kept")
    for path in ("/_ministack/reset", "/_ministack/config", "/_localstack/health", "/_aws/ses", "/latest/meta-data/",
                 "/v2/credentials/x", "/_ministack/sqs/messages"):  # fmt: skip
        for method in ("GET", "POST"):
            assert filled.signed("s3", path, method).status == 403, path
    assert there()


@pytest.mark.parametrize("path", ["/", "/_ministack/rds/iam-auth", "/_aws/execute-api/{api}/v1/do/ok"])
def test_no_websocket_is_opened(filled_stack: Stack, path: str) -> None:
    emulator = filled_stack.emulator
    port = emulator.local.port
    for host in (f"127.0.0.1:{port}", f"{filled_stack.api_id}.execute-api.localhost:{port}"):
        lines = (("Host", host), *_UPGRADE, _SOCKET_KEY)
        assert emulator.raw("GET", path.format(api=filled_stack.api_id), *lines).status == 403


def test_an_apis_host_leads_to_the_api_alone(filled_stack: Stack) -> None:
    emulator, api = filled_stack.emulator, filled_stack.api_id
    there = _marked(emulator, "host-kept")
    host = ("Host", f"{api}.execute-api.localhost:{emulator.local.port}")
    assert emulator.raw("GET", "/v1/do/ok", host).status == 200
    for path in (*_paths_in_source(), *_MORE):
        for method in ("GET", "POST", "OPTIONS"):
            assert emulator.raw(method, path, host).status in (403, 404), (method, path)
    assert there()


def _make_preflight(stack: Stack, origin: str) -> None:
    gateway = stack.emulator.client("apigateway")
    resources = gateway.get_resources(restApiId=stack.api_id)["items"]
    resource = next(one["id"] for one in resources if one["path"] == "/do/{kind}")
    where = {"restApiId": stack.api_id, "resourceId": resource, "httpMethod": "OPTIONS"}
    header = "method.response.header.Access-Control-Allow-Origin"
    gateway.put_method(**where, authorizationType="NONE")
    gateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 204}'})
    gateway.put_method_response(**where, statusCode="204", responseParameters={header: False})
    gateway.put_integration_response(**where, statusCode="204", responseParameters={header: f"'{origin}'"})
    stack.deploy()


def test_an_apis_own_answers_decide_who_reads_them(filled: Emulator) -> None:
    stack = make_stack(filled, "preflight")
    page = ("Origin", "http://page.example")
    asked = (page, ("Access-Control-Request-Method", "GET"), ("Sec-Fetch-Site", "cross-site"))
    below = f"/restapis/{stack.api_id}/v1/_user_request_/do/ok"
    none = filled.raw("OPTIONS", below, *asked)
    assert (none.status, "access-control-allow-origin" in none.headers) == (403, False)
    _make_preflight(stack, "http://page.example")
    preflight = filled.raw("OPTIONS", below, *asked)
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, "http://page.example")
    answer = filled.raw("GET", below, *asked)
    assert (answer.status, answer.body) == (200, b"1")
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_no_other_answer_has_headers_for_pages(filled: Emulator) -> None:
    path = "/?Action=GetCallerIdentity&Version=2011-06-15"
    s3 = filled.client("s3")
    s3.create_bucket(Bucket="paged", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}
    s3.put_bucket_cors(Bucket="paged", CORSConfiguration={"CORSRules": [rule]})
    answers = [
        filled.signed("sts", path),
        filled.signed("iam", "/?Action=ListRoles&Version=2010-05-08"),
        filled.signed("lambda", "/2015-03-31/functions"),
        filled.signed("s3", "/paged"),
        filled.http("/_ministack/health"),
        filled.http("/", "OPTIONS"),
        filled.http("/paged", "OPTIONS", headers={"Origin": "http://page.example"}),
        filled.http("/oauth2/authorize"),
    ]
    assert [answer.status for answer in answers] == [200, 200, 200, 200, 200, 403, 403, 403]
    assert not [answer for answer in answers if any("access-control" in name.lower() for name in answer.headers)]
