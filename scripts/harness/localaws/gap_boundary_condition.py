"""Gap: a policy cannot ask for a permissions boundary.

Upstream: the condition keys ``iam:PermissionsBoundary`` and ``iam:PolicyARN`` are never set, so whoever must give every
role a boundary can make none.

AWS: "Actions, resources, and condition keys for AWS Identity and Access Management (IAM)", Service Authorization
Reference, and "IAM and AWS STS condition context keys", IAM User Guide: ``iam:PermissionsBoundary`` is the boundary
that the request sets (``CreateRole``, ``PutRolePermissionsBoundary``) or that the role has (its policies are written,
deleted, attached, detached, its boundary is deleted). It is a key of those actions alone: a condition on it for
another one is never met. ``iam:PolicyARN`` is the policy that is attached or detached.

Fill: both, for roles.
"""

from typing import Any

from ministack.core import iam_actions
from ministack.services import iam

from harness.localaws.authorisation import first
from harness.localaws.patching import wraps

_BY_REQUEST = ("iam:CreateRole", "iam:PutRolePermissionsBoundary")
_BY_ROLE = (
    "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
    "iam:PutRolePolicy",
)  # fmt: skip
_BY_POLICY = ("iam:AttachRolePolicy", "iam:DetachRolePolicy")


def condition_keys(action: str, params: Any) -> dict[str, Any]:
    """Return what IAM tells policies about a request to it."""
    found: dict[str, Any] = {}
    if action in _BY_REQUEST:
        found["iam:PermissionsBoundary"] = first(params, "PermissionsBoundary") or None
    elif action in _BY_ROLE:
        role = iam._roles.get(first(params, "RoleName")) or {}
        found["iam:PermissionsBoundary"] = role.get("PermissionsBoundary")
    if action in _BY_POLICY:
        found["iam:PolicyARN"] = first(params, "PolicyArn")
    return {name: value for name, value in found.items() if value}


def install() -> None:
    """Patch the condition keys of requests to IAM."""

    @wraps(iam_actions, "request_tag_context")
    def request_tag_context(keys: Any, service: str, action: str, body: bytes, params: Any) -> dict[str, Any]:
        found: dict[str, Any] = keys(service, action, body, params)
        return {**found, **condition_keys(action, params)} if service == "iam" else found
