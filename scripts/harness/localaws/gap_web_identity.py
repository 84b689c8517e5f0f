"""Gap: any token of any issuer is good for a role, and few of its claims count.

Upstream: the account needs no identity provider, a token's audience, end and signature are not looked at, and of its
claims only ``aud``, ``sub`` and ``amr`` are condition keys.

AWS: "AssumeRoleWithWebIdentity", AWS STS API Reference, and "Create an OpenID Connect (OIDC) identity provider in IAM",
IAM User Guide: the issuer is a provider of the account, the audience one of its client ids, and the token not expired.
"Available keys for AWS OIDC federation", IAM User Guide, since January 2026 ("AWS STS supports validation of select
identity provider specific claims from Google, GitHub, CircleCI and OCI"): for GitHub these claims are keys, too.

Fill: all that. A token's signature is made with the secret of root's keys (HMAC, "HS256" of RFC 7518), as nobody but
the provider can make it on AWS: here the issuer of every token is the local AWS's user.
"""

import hmac
import os
import time
from typing import Any

from ministack.services import iam, sts
from ministack.services.cognito import _decode_id_token_unverified

from harness.localaws.patching import wraps
from harness.localaws.tokens import signature

GITHUB = "token.actions.githubusercontent.com"
_CLAIMS = (
    "actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository", "repository_id",
    "workflow",
)  # fmt: skip


def _claims(token: str) -> dict[str, Any]:
    try:
        claims = _decode_id_token_unverified(token)
    except (ValueError, TypeError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _signed(token: str) -> bool:
    text, _, given = token.rpartition(".")
    return hmac.compare_digest(given.encode(), signature(text, os.environ["AWS_SECRET_ACCESS_KEY"]).encode())


def refusal(account: str, claims: dict[str, Any], now: float) -> tuple[str, str] | None:
    """Say why AWS takes no token with these claims, as code and message; None when it does."""
    issuer = str(claims.get("iss") or "")
    provider = iam._oidc_providers.get_scoped(
        account, None, f"arn:aws:iam::{account}:oidc-provider/{issuer.split('://', 1)[-1].rstrip('/')}"
    )
    if provider is None:
        return "InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {issuer}"
    audience = claims.get("aud")
    if not {audience} & set(provider.get("ClientIDList") or ()):
        return "InvalidIdentityToken", "Incorrect token audience"
    ends = claims.get("exp")
    if not isinstance(ends, int | float) or ends <= now:
        return "ExpiredTokenException", "Token expired"
    return None


def install() -> None:
    """Patch ``AssumeRoleWithWebIdentity`` of ministack's STS."""

    @wraps(sts, "_web_identity_principal")
    def _web_identity_principal(principal: Any, token: str, provider_id: str, role_arn: str) -> Any:
        who, keys = principal(token, provider_id, role_arn)
        if who.endswith(f"oidc-provider/{GITHUB}"):
            claims = _claims(token)
            keys = {**keys, **{f"{GITHUB}:{name}": str(claims[name]) for name in _CLAIMS if name in claims}}
        return who, keys

    @wraps(sts, "_web_identity_trust_denied")
    def _web_identity_trust_denied(denied: Any, role_arn: str, params: Any, use_json: bool) -> Any:
        token = sts._p(params, "WebIdentityToken")
        found = refusal(role_arn.split(":")[4], _claims(token), time.time())
        if found is None and not _signed(token):
            found = "InvalidIdentityToken", "Couldn't verify the signature of the token"
        if found is not None:
            return sts._error(400, *found, ns="sts")
        return denied(role_arn, params, use_json)
