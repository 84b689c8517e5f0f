"""Probe of gap_unknown_callers: what a request may do whose sender has no key of this start."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore import UNSIGNED
from tests.local.gaps.conftest import Emulator, Stack, make_stack
from tests.support.raw_http import Response, request_bytes, send_bytes
from tests.support.signing import presigned, signed_at, signed_headers

from harness.localaws import control
from harness.localaws.settings import Kind

_PUBLISHED = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1"}
_ACCOUNT = _PUBLISHED | {"AWS_ACCESS_KEY_ID": "000000000000"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_UPGRADE = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"))
_SOCKET_KEY = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A stock one that may be wiped."""
    folder = tmp_path_factory.mktemp("unguarded")
    running = control.start(folder, None, 60, die_with_parent=True, kind=Kind.STOCK)
    yield Emulator(running)
    control.stop(running)


def _raw(emulator: Emulator, method: str, path: str, *headers: tuple[str, str], body: bytes = b"") -> Response:
    """Send header lines as they are; ``Host`` is this server's unless one is among them."""
    request = request_bytes(emulator.local.endpoint, method, path, headers, body)
    if any(name == "Host" for name, _ in headers):
        request = request.replace(f"Host: 127.0.0.1:{emulator.local.port}\r\n".encode(), b"", 1)
    answer = send_bytes(emulator.local.endpoint, request)
    assert answer is not None
    return answer


def _shut(answer: Response) -> bool:
    """Tell if a request was turned away before anything looked at it."""
    words = (b"the local AWS", b"MissingAuthenticationToken", b">Access Denied</Message>", b"is denied.</Message>")
    told = any(one in answer.body for one in words)
    return 400 <= answer.status < 404 and told and "access-control-allow-origin" not in answer.headers


def _keys(emulator: Emulator) -> dict[str, str]:
    return control.environment(emulator.local)


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


def _create_role(keys: Mapping[str, str], emulator: Emulator, name: str) -> int:
    """Make a role as a page's form can: a POST whose address carries parameters and signature."""
    trust = json.dumps({"Statement": []})
    asked = {"Action": "CreateRole", "Version": "2010-05-08", "RoleName": name, "AssumeRolePolicyDocument": trust}
    url = presigned(keys, "iam", f"{emulator.local.endpoint}/?{urlencode(asked)}", "POST")
    return emulator.http(url.removeprefix(emulator.local.endpoint), "POST", b"", _FORM).status


def test_stock_still_lets_anybody_in(unguarded: Emulator) -> None:
    there = _marked(unguarded, "mine")
    assert there()
    assert _create_role(_PUBLISHED, unguarded, "stranger") == 200
    assert unguarded.client("iam").get_role(RoleName="stranger")["Role"]
    wiped = _raw(unguarded, "POST", "/_ministack/reset", ("Host", "evil.example"), ("Origin", "http://evil.example"))
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
    signed = {**signed_headers(_keys(filled), "sts", url), "Host": name}
    for path, headers in (("/_ministack/reset", {"Host": name}), (url.partition(name or "x")[2], signed)):
        answer = _raw(filled, "POST" if "reset" in path else "GET", path, *headers.items())
        assert (answer.status, answer.body.count(b"\n")) == (403, 1)
        assert b"Host" in answer.body
    assert there()


def test_two_hosts_and_none_are_refused(filled: Emulator) -> None:
    own = f"127.0.0.1:{filled.local.port}"
    twice = _raw(filled, "GET", "/_ministack/health", ("Host", own), ("Host", own))
    none = send_bytes(filled.local.endpoint, b"GET /_ministack/health HTTP/1.0\r\n\r\n")
    assert (twice.status, none is not None and none.status) in [(400, 400), (400, 403), (403, 403)]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_its_own_names_are_taken(filled: Emulator, name: str) -> None:
    assert _raw(filled, "GET", "/_ministack/health", ("Host", f"{name}:{filled.local.port}")).status == 200


@pytest.mark.parametrize(
    "header",
    [("Origin", "http://evil.example"), ("Origin", "null"), ("Origin", "http://127.0.0.1:1"), ("Origin", ""),
     ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", "new-word")],
)  # fmt: skip
def test_what_a_browser_sends_for_another_page_is_refused(filled: Emulator, header: tuple[str, str]) -> None:
    path = "/?Action=GetCallerIdentity&Version=2011-06-15"
    right = signed_headers(_keys(filled), "sts", filled.local.endpoint + path)
    signed = filled.http(path, headers={**right, header[0]: header[1]})
    health = _raw(filled, "GET", "/_ministack/health", header)
    form = _raw(filled, "POST", "/", header, *_FORM.items(), body=b"Action=AssumeRoleWithWebIdentity")
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
        if not _shut(answer := _raw(filled, method, path))
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


@pytest.mark.parametrize("keys", [_PUBLISHED, _ACCOUNT], ids=["published", "account"])
@pytest.mark.parametrize("id_of_root", [False, True])
def test_a_wrong_secret_is_refused_in_header_and_address(
    filled: Emulator, keys: dict[str, str], id_of_root: bool
) -> None:
    used = keys | ({"AWS_ACCESS_KEY_ID": _keys(filled)["AWS_ACCESS_KEY_ID"]} if id_of_root else {})
    path = "/?Action=GetCallerIdentity&Version=2011-06-15"
    assert filled.http(path, headers=signed_headers(used, "sts", filled.local.endpoint + path)).status == 403
    assert _create_role(used, filled, "stranger") == 403
    bucket = presigned(used, "s3", f"{filled.local.endpoint}/bucket", "PUT")
    assert filled.http(bucket.removeprefix(filled.local.endpoint), "PUT").status == 403


def test_a_known_id_with_roots_secret_is_no_key(filled: Emulator) -> None:
    for name in ("test", "000000000000", ""):
        used = _keys(filled) | {"AWS_ACCESS_KEY_ID": name}
        path = "/?Action=GetCallerIdentity&Version=2011-06-15"
        assert filled.http(path, headers=signed_headers(used, "sts", filled.local.endpoint + path)).status == 403, name


def test_with_the_keys_both_kinds_of_signature_are_taken(filled: Emulator) -> None:
    path = "/?Action=GetCallerIdentity&Version=2011-06-15"
    assert ":root" in filled.signed("sts", path).body
    assert _create_role(_keys(filled), filled, "known") == 200
    s3 = filled.client("s3")
    s3.create_bucket(Bucket="known", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="known", Key="a/b c", Body=b"text")
    link = presigned(_keys(filled), "s3", f"{filled.local.endpoint}/known/a/b%20c").removeprefix(filled.local.endpoint)
    assert filled.http(link).body == "text"
    assert filled.http(link.replace("b%20c", "bc")).status == 403


def test_a_signature_is_for_its_request_and_its_time(filled: Emulator) -> None:
    keys, url = _keys(filled), f"{filled.local.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15"
    path = url.removeprefix(filled.local.endpoint)
    right = signed_headers(keys, "sts", url)
    assert filled.http(path, headers=right).status == 200
    assert filled.http(path.replace("GetCaller", "ListCaller"), headers=right).status == 403
    assert filled.http(path, "POST", b"Action=other", {**right, **_FORM}).status == 403
    target = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    signed = signed_headers(keys, "dynamodb", f"{filled.local.endpoint}/", "POST", b"{}", target)
    assert filled.http("/", "POST", b"{}", signed).status == 200
    assert filled.http("/", "POST", b'{"Limit":1}', signed).status in (400, 403)
    assert filled.http(path, headers=signed_at(keys, "sts", url, timedelta(minutes=20))).status == 403
    assert filled.http(path, headers=signed_at(keys, "sts", url, timedelta(minutes=-20))).status == 403
    late = presigned(keys, "s3", f"{filled.local.endpoint}/known", seconds=0)
    assert filled.http(late.removeprefix(filled.local.endpoint)).status == 403


def test_a_hash_that_is_not_the_bodys_is_refused(filled: Emulator) -> None:
    filled.client("s3").create_bucket(Bucket="hashed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    url = f"{filled.local.endpoint}/hashed/key"
    other = {"x-amz-content-sha256": "0" * 64}
    signed = signed_headers(_keys(filled), "s3", url, "PUT", b"text", other)
    assert filled.http("/hashed/key", "PUT", b"text", signed).status in (400, 403)


def test_two_signatures_are_none(filled: Emulator) -> None:
    keys, url = _keys(filled), f"{filled.local.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15"
    both = presigned(keys, "sts", url)
    path = both.removeprefix(filled.local.endpoint)
    assert filled.http(path).status == 200
    headers = signed_headers(keys, "sts", both)
    assert filled.http(path, headers=headers).status == 403
    right = [(name, value) for name, value in signed_headers(keys, "sts", url).items() if name != "Authorization"]
    line = ("Authorization", signed_headers(keys, "sts", url)["Authorization"])
    wrong = ("Authorization", signed_headers(keys | _PUBLISHED, "sts", url)["Authorization"])
    plain = url.removeprefix(filled.local.endpoint)
    assert _raw(filled, "GET", plain, *right, line).status == 200
    assert _raw(filled, "GET", plain, *right, line, wrong).status == 400
    assert _raw(filled, "GET", plain, *right, wrong, line).status == 400


def test_keys_of_users_and_sessions_count_as_on_aws(filled: Emulator) -> None:
    iam = filled.client("iam")
    iam.create_user(UserName="counted")
    key = iam.create_access_key(UserName="counted")["AccessKey"]
    user = _keys(filled) | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    path = "/?Action=GetCallerIdentity&Version=2011-06-15"
    url = filled.local.endpoint + path

    def ask(keys: Mapping[str, str]) -> int:
        return filled.http(path, headers=signed_headers(keys, "sts", url)).status

    assert [ask(user), ask(user | {"AWS_SECRET_ACCESS_KEY": "other"})] == [200, 403]
    iam.update_access_key(UserName="counted", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert ask(user) == 403
    session = filled.client("sts").get_session_token()["Credentials"]
    names = {"AWS_ACCESS_KEY_ID": "AccessKeyId", "AWS_SECRET_ACCESS_KEY": "SecretAccessKey"}
    taken = _keys(filled) | {name: session[key] for name, key in names.items()}
    whole = taken | {"AWS_SESSION_TOKEN": session["SessionToken"]}
    other = taken | {"AWS_SESSION_TOKEN": session["SessionToken"][::-1]}
    assert [ask(whole), ask(taken), ask(other)] == [200, 403, 403]


def test_an_sdk_is_told_in_its_own_protocol(filled: Emulator) -> None:
    unsigned: Any = filled.client("dynamodb")
    unsigned.meta.events.register("choose-signer.dynamodb", lambda **_: UNSIGNED)
    with pytest.raises(unsigned.exceptions.ClientError) as refused:
        unsigned.list_tables()
    assert refused.value.response["Error"]["Code"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize("path", ["/", "/_ministack/rds/iam-auth", "/_aws/execute-api/{api}/v1/do/ok"])
def test_no_websocket_is_opened(filled_stack: Stack, path: str) -> None:
    emulator = filled_stack.emulator
    port = emulator.local.port
    for host in (f"127.0.0.1:{port}", f"{filled_stack.api_id}.execute-api.localhost:{port}"):
        lines = (("Host", host), *_UPGRADE, _SOCKET_KEY)
        assert _raw(emulator, "GET", path.format(api=filled_stack.api_id), *lines).status == 403


def test_an_apis_host_leads_to_the_api_alone(filled_stack: Stack) -> None:
    emulator, api = filled_stack.emulator, filled_stack.api_id
    there = _marked(emulator, "host-kept")
    host = ("Host", f"{api}.execute-api.localhost:{emulator.local.port}")
    assert _raw(emulator, "GET", "/v1/do/ok", host).status == 200
    for path in (*_paths_in_source(), *_MORE):
        for method in ("GET", "POST", "OPTIONS"):
            assert _raw(emulator, method, path, host).status in (403, 404), (method, path)
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
    none = _raw(filled, "OPTIONS", below, *asked)
    assert (none.status, "access-control-allow-origin" in none.headers) == (403, False)
    _make_preflight(stack, "http://page.example")
    preflight = _raw(filled, "OPTIONS", below, *asked)
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, "http://page.example")
    answer = _raw(filled, "GET", below, *asked)
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


def test_a_job_signs_in_without_keys_but_by_no_page(filled: Emulator) -> None:
    anonymous: Any = filled.client("sts")
    asked = {"RoleArn": "arn:aws:iam::000000000000:role/none", "RoleSessionName": "job", "WebIdentityToken": "a.b.c"}
    with pytest.raises(anonymous.exceptions.ClientError) as refused:
        anonymous.assume_role_with_web_identity(**asked)
    assert refused.value.response["Error"]["Code"] == "InvalidIdentityToken"
    body = urlencode({"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", **asked}).encode()
    assert filled.http("/", "POST", body, _FORM).status == 400
    assert filled.http("/", "POST", body + b"&Action=CreateRole", _FORM).status == 403
    assert filled.http("/?Action=ListRoles", "POST", body, _FORM).status == 403
    assert filled.http("/", "POST", body, {**_FORM, "X-Amz-Target": "DynamoDB_20120810.ListTables"}).status == 400
    assert filled.http("/", "POST", body + b"&x=" + b"y" * 70_000, _FORM).status == 403
    assert filled.http("/", "POST", body, {**_FORM, "Origin": "http://page.example"}).status == 403


def test_what_a_user_needs_no_key_for_is_refused_with_a_method_that_asks_for_one(filled: Emulator) -> None:
    stack = make_stack(filled, "iam-only")
    gateway = filled.client("apigateway")
    resource = next(
        one["id"] for one in gateway.get_resources(restApiId=stack.api_id)["items"] if one["path"] == "/do/{kind}"
    )
    change = [{"op": "replace", "path": "/authorizationType", "value": "AWS_IAM"}]
    gateway.update_method(restApiId=stack.api_id, resourceId=resource, httpMethod="GET", patchOperations=change)
    stack.deploy()
    below = f"/restapis/{stack.api_id}/v1/_user_request_/do/ok"
    url = filled.local.endpoint + below
    id_of_root = _keys(filled) | {"AWS_SECRET_ACCESS_KEY": "other"}
    statuses = {
        "unsigned": filled.http(below).status,
        "published": filled.http(below, headers=signed_headers(_PUBLISHED, "execute-api", url)).status,
        "wrong": filled.http(below, headers=signed_headers(id_of_root, "execute-api", url)).status,
        "right": filled.signed("execute-api", below).status,
    }
    assert statuses == {"unsigned": 403, "published": 403, "wrong": 403, "right": 200}
