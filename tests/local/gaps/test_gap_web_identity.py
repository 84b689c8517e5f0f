"""Probe of gap_web_identity."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator
from tests.support.github import ISSUER, token

from harness.localaws.tokens import signature

_CLAIMS = {"repository_id": "7", "environment": "live", "ref": "refs/heads/main"}


def _role(emulator: Emulator, name: str) -> str:
    conditions = {f"{ISSUER}:aud": "sts.amazonaws.com"} | {f"{ISSUER}:{key}": value for key, value in _CLAIMS.items()}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::000000000000:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": conditions},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])


def _code(emulator: Emulator, role: str, **claims: Any) -> str:
    return _code_of(emulator, role, token(emulator.local, **{"sub": "any", **claims}))


def _code_of(emulator: Emulator, role: str, identity: str) -> str:
    asked = {"RoleArn": role, "RoleSessionName": "ci", "WebIdentityToken": identity}
    try:
        emulator.client("sts").assume_role_with_web_identity(**asked)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.fixture(scope="module")
def trusting(filled: Emulator) -> str:
    filled.client("iam").create_open_id_connect_provider(Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"])
    return _role(filled, "trusting")


def test_stock_still_knows_no_claim_of_github(stock: Emulator) -> None:
    role = _role(stock, "trusting")
    assert _code(stock, role, **_CLAIMS) == "AccessDenied", "upstream knows the claims: delete gap_web_identity"


def test_without_a_provider_no_token_is_taken(filled: Emulator) -> None:
    role = _role(filled, "early")
    assert _code(filled, role, iss="https://issuer.example", **_CLAIMS) == "InvalidIdentityToken"


def test_the_claims_decide(filled: Emulator, trusting: str) -> None:
    assert _code(filled, trusting, **_CLAIMS) == ""
    for claim in _CLAIMS:
        assert _code(filled, trusting, **{**_CLAIMS, claim: "other"}) == "AccessDenied"
        assert (
            _code(filled, trusting, **{key: value for key, value in _CLAIMS.items() if key != claim}) == "AccessDenied"
        )


def test_audience_and_end_are_looked_at(filled: Emulator, trusting: str) -> None:
    assert _code(filled, trusting, aud="another", **_CLAIMS) == "InvalidIdentityToken"
    assert _code(filled, trusting, exp=int(time.time()) - 1, **_CLAIMS) == "ExpiredTokenException"


def test_a_token_that_its_user_did_not_sign_is_none(filled: Emulator, trusting: str) -> None:
    signed = token(filled.local, sub="any", **_CLAIMS)
    text = signed.rpartition(".")[0]
    other = f"{text}.{signature(text, 'test')}"
    longer = f"{token(filled.local, sub='other').rpartition('.')[0]}.{signed.rpartition('.')[2]}"
    assert _code_of(filled, trusting, signed) == ""
    for wrong in (other, longer, text, f"{text}.", f"{text}.none", "a.b.c"):
        assert _code_of(filled, trusting, wrong) == "InvalidIdentityToken"
