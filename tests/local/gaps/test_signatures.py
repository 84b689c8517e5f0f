"""Signatures of requests to the local AWS: whose are taken, for what, and for how long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore import UNSIGNED
from tests.local.gaps.conftest import FORM, Emulator, create_role, make_stack
from tests.support.raw_http import request_bytes, send_bytes
from tests.support.signing import PUBLISHED, presigned, signed_at, signed_headers

from harness.localaws import control

_ACCOUNT = PUBLISHED | {"AWS_ACCESS_KEY_ID": "000000000000"}
_WHO = "/?Action=GetCallerIdentity&Version=2011-06-15"


def _keys(emulator: Emulator) -> dict[str, str]:
    return control.environment(emulator.local)


@pytest.mark.parametrize("keys", [PUBLISHED, _ACCOUNT], ids=["published", "account"])
@pytest.mark.parametrize("id_of_root", [False, True])
def test_a_wrong_secret_is_refused_in_header_and_address(
    filled: Emulator, keys: dict[str, str], id_of_root: bool
) -> None:
    used = keys | ({"AWS_ACCESS_KEY_ID": _keys(filled)["AWS_ACCESS_KEY_ID"]} if id_of_root else {})
    path = _WHO
    assert filled.http(path, headers=signed_headers(used, "sts", filled.local.endpoint + path)).status == 403
    assert create_role(used, filled, "stranger") == 403
    bucket = presigned(used, "s3", f"{filled.local.endpoint}/bucket", "PUT")
    assert filled.http(bucket.removeprefix(filled.local.endpoint), "PUT").status == 403


def test_a_known_id_with_roots_secret_is_no_key(filled: Emulator) -> None:
    for name in ("test", "000000000000", ""):
        used = _keys(filled) | {"AWS_ACCESS_KEY_ID": name}
        path = _WHO
        assert filled.http(path, headers=signed_headers(used, "sts", filled.local.endpoint + path)).status == 403, name


def test_with_the_keys_both_kinds_of_signature_are_taken(filled: Emulator) -> None:
    path = _WHO
    assert ":root" in filled.signed("sts", path).body
    assert create_role(_keys(filled), filled, "known") == 200
    s3 = filled.client("s3")
    s3.create_bucket(Bucket="known", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="known", Key="a/b c", Body=b"text")
    link = presigned(_keys(filled), "s3", f"{filled.local.endpoint}/known/a/b%20c").removeprefix(filled.local.endpoint)
    assert filled.http(link).body == "text"
    assert filled.http(link.replace("b%20c", "bc")).status == 403


def test_a_signature_is_for_its_request_and_its_time(filled: Emulator) -> None:
    keys, url = (
        _keys(filled),
        filled.local.endpoint + _WHO,
    )
    path = url.removeprefix(filled.local.endpoint)
    right = signed_headers(keys, "sts", url)
    assert filled.http(path, headers=right).status == 200
    assert filled.http(path.replace("GetCaller", "ListCaller"), headers=right).status == 403
    assert filled.http(path, "POST", b"Action=other", {**right, **FORM}).status == 403
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
    keys, url = (
        _keys(filled),
        filled.local.endpoint + _WHO,
    )
    both = presigned(keys, "sts", url)
    path = both.removeprefix(filled.local.endpoint)
    assert filled.http(path).status == 200
    headers = signed_headers(keys, "sts", both)
    assert filled.http(path, headers=headers).status == 403
    right = [(name, value) for name, value in signed_headers(keys, "sts", url).items() if name != "Authorization"]
    line = ("Authorization", signed_headers(keys, "sts", url)["Authorization"])
    wrong = ("Authorization", signed_headers(keys | PUBLISHED, "sts", url)["Authorization"])
    plain = url.removeprefix(filled.local.endpoint)
    assert filled.raw("GET", plain, *right, line).status == 200
    assert filled.raw("GET", plain, *right, line, wrong).status == 400
    assert filled.raw("GET", plain, *right, wrong, line).status == 400


def test_an_address_is_good_for_what_it_says_alone(filled: Emulator) -> None:
    """Neither what is posted to it nor headers that were not signed make it another request."""
    s3 = filled.client("s3")
    for bucket in ("given", "private"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="private", Key="state", Body=b"secret")
    address = f"{filled.local.endpoint}/given/key"
    put, post = (
        presigned(_keys(filled), "s3", address, how).removeprefix(filled.local.endpoint) for how in ("PUT", "POST")
    )
    assert filled.http(put, "PUT", b"", {"x-amz-copy-source": "/private/state"}).status == 403
    target = {"X-Amz-Target": "TrentService.CreateKey", "Content-Type": "application/x-amz-json-1.1"}
    assert filled.http(put, "PUT", b"{}", target).status == 403
    assert filled.http(post, "POST", b"{}", target).status == 403
    trust = '{"Statement": []}'
    form = urlencode({"Action": "CreateRole", "RoleName": "posted", "AssumeRolePolicyDocument": trust})
    assert filled.http(post, "POST", form.encode(), FORM).status == 403
    assert [role for role in filled.client("iam").list_roles()["Roles"] if role["RoleName"] == "posted"] == []
    assert filled.http(put, "PUT", b"text").status == 200
    late = re.sub(r"\d{8}(?=T|%2F)", "99991231", put)
    assert filled.http(late, "PUT", b"text").status == 403


def test_who_is_turned_away_is_told_that_the_connection_ends(filled: Emulator) -> None:
    """Else a client asks again where nobody listens: its body was never read."""
    for path, code, headers in (
        (_WHO, 403, {"Host": "elsewhere.example"}),
        ("/", 400, {"X-Amz-Target": "TrentService.CreateKey"}),
    ):
        answer = filled.http(path, "POST", b"{}", headers)
        assert answer.status == code
        assert ("connection", "close") in {(name.lower(), value) for name, value in answer.headers.items()}


def test_a_form_that_is_packed_signs_nobody_in(filled: Emulator) -> None:
    """Else the form that is checked would be another one than the form that is obeyed."""
    form = b"Action=Unsubscribe&SubscriptionArn=arn:aws:sns:eu-west-1:000000000000:t:1"
    packed = b"%x;x=&Action=AssumeRoleWithWebIdentity&y=\r\n%b\r\n0\r\n\r\n" % (len(form), form)
    for name, value in (
        ("content-encoding", "aws-chunked"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    ):
        assert filled.http("/", "POST", packed, {**FORM, name: value}).status == 403


def test_keys_of_users_and_sessions_count_as_on_aws(filled: Emulator) -> None:
    iam = filled.client("iam")
    iam.create_user(UserName="counted")
    key = iam.create_access_key(UserName="counted")["AccessKey"]
    user = _keys(filled) | {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    path = _WHO
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


def test_a_job_signs_in_without_keys_but_by_no_page(filled: Emulator) -> None:
    anonymous: Any = filled.client("sts")
    asked = {"RoleArn": "arn:aws:iam::000000000000:role/none", "RoleSessionName": "job", "WebIdentityToken": "a.b.c"}
    with pytest.raises(anonymous.exceptions.ClientError) as refused:
        anonymous.assume_role_with_web_identity(**asked)
    assert refused.value.response["Error"]["Code"] == "InvalidIdentityToken"
    body = urlencode({"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", **asked}).encode()
    assert filled.http("/", "POST", body, FORM).status == 400
    assert filled.http("/", "POST", body + b"&Action=CreateRole", FORM).status == 403
    assert filled.http("/?Action=ListRoles", "POST", body, FORM).status == 403
    assert filled.http("/", "POST", body, {**FORM, "X-Amz-Target": "DynamoDB_20120810.ListTables"}).status == 400
    assert filled.http("/", "POST", body + b"&x=" + b"y" * 70_000, FORM).status == 403
    assert filled.http("/", "POST", body, {**FORM, "Origin": "http://page.example"}).status == 403


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
        "published": filled.http(below, headers=signed_headers(PUBLISHED, "execute-api", url)).status,
        "wrong": filled.http(below, headers=signed_headers(id_of_root, "execute-api", url)).status,
        "another kind": filled.http(below, headers={"Authorization": "Basic dGVzdDp0ZXN0"}).status,
        "connections": filled.http(below.replace("/do/ok", "/@connections/x"), "POST", b"x").status,
        "right": filled.signed("execute-api", below).status,
    }
    assert statuses == dict.fromkeys(statuses, 403) | {"right": 200}


def test_where_nothing_behind_it_asks_the_guard_asks_itself(filled: Emulator) -> None:
    path = "/oauth2/authorize"  # ministack serves it to everybody
    keys, url = _keys(filled), filled.local.endpoint + path
    other = keys | {"AWS_SECRET_ACCESS_KEY": "other"}
    early, late = timedelta(minutes=-20), timedelta(minutes=20)
    refused = {
        "wrong secret": filled.http(path, headers=signed_headers(other, "s3", url)),
        "late": filled.http(path, headers=signed_at(keys, "s3", url, late)),
        "early": filled.http(path, headers=signed_at(keys, "s3", url, early)),
        "wrong secret in the address": filled.http(presigned(other, "s3", url).removeprefix(filled.local.endpoint)),
        "expired": filled.http(presigned(keys, "s3", url, seconds=0).removeprefix(filled.local.endpoint)),
        "for years": filled.http(presigned(keys, "s3", url, seconds=604_801).removeprefix(filled.local.endpoint)),
    }
    assert {name: answer.status for name, answer in refused.items()} == dict.fromkeys(refused, 403)
    assert filled.signed("s3", path).status == 400
    assert filled.http(presigned(keys, "s3", url).removeprefix(filled.local.endpoint)).status == 400


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Basic dGVzdDp0ZXN0",
        "AWS test:abc",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=host, Signature=0",
        "AWS4-ECDSA-P256-SHA256 Credential=test/20260101/sts/aws4_request, SignedHeaders=host, Signature=0",
        "{scope}",
        "{scope}, SignedHeaders=host",
        "{scope}, SignedHeaders=, Signature=0",
        "{scope}, SignedHeaders=x-amz-date, Signature=0",
        "{scope}, SignedHeaders=host, Signature=\xe9",
    ],
)
@pytest.mark.parametrize("date", ["20260101T000000Z", "never", ""])
def test_an_odd_signature_is_refused_and_breaks_nothing(filled: Emulator, given: str, date: str) -> None:
    scope = f"AWS4-HMAC-SHA256 Credential={_keys(filled)['AWS_ACCESS_KEY_ID']}/20260101/eu-west-1/sts/aws4_request"
    lines = [("Authorization", given.format(scope=scope)), *([("X-Amz-Date", date)] if date else [])]
    request = request_bytes(filled.local.endpoint, "GET", "/?Action=GetCallerIdentity", tuple(lines))
    answer = send_bytes(filled.local.endpoint, request)
    assert answer is not None
    assert answer.status in (400, 403)
