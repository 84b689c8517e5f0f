"""Requests to AWS signed by hand: with keys that are right or wrong, and for operations that no SDK would send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from botocore.auth import S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PUBLISHED = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1"}
"""Keys with which everybody is root of a stock local AWS."""
_STAMP = "%Y%m%dT%H%M%SZ"


def _credentials(env: Mapping[str, str]) -> Credentials:
    return Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env.get("AWS_SESSION_TOKEN"))


def signed_headers(
    env: Mapping[str, str],
    service: str,
    url: str,
    method: str = "GET",
    data: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return headers with a signature for them, for the body and for AWS's service.

    Args:
        env: keys and region, under the names of environment variables.
    """
    request = AWSRequest(method, url, headers=dict(headers or {}), data=data)
    SigV4Auth(_credentials(env), service, env["AWS_REGION"]).add_auth(request)
    return dict(request.headers.items())


def presigned(env: Mapping[str, str], service: str, url: str, method: str = "GET", *, seconds: int = 300) -> str:
    """Return an address that carries its signature, which is good for some seconds; the body is empty."""
    request = AWSRequest(method, url, headers={})
    kind = S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth
    kind(_credentials(env), service, env["AWS_REGION"], expires=seconds).add_auth(request)
    return str(request.url)


def signed_at(env: Mapping[str, str], service: str, url: str, late: timedelta) -> dict[str, str]:
    """Return headers of a GET that was signed so long ago."""
    request = AWSRequest("GET", url, headers={})
    signer = SigV4Auth(_credentials(env), service, env["AWS_REGION"])
    request.context["timestamp"] = (datetime.now(UTC) - late).strftime(_STAMP)
    signer._modify_request_before_signing(request)  # type: ignore[attr-defined]
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))  # type: ignore[attr-defined]
    return dict(request.headers.items())


def role_address(env: Mapping[str, str], endpoint: str, name: str) -> str:
    """Return an address that makes a role when something is posted to it, as a page's form can."""
    trust = json.dumps({"Statement": []})
    asked = {"Action": "CreateRole", "Version": "2010-05-08", "RoleName": name, "AssumeRolePolicyDocument": trust}
    return presigned(env, "iam", f"{endpoint}/?{urlencode(asked)}", "POST")
