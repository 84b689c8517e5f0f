"""Permissions that a resource's own policy gives, by ministack's policy evaluator."""

from collections.abc import Mapping

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms


def allows(policy: str | None, service: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Tell if ``policy`` allows ``action`` on ``resource`` to ``service`` (``x.amazonaws.com``).

    Args:
        service: the calling service's principal.
        context: condition keys of the call and their values.
    """
    request = _request(service, "Service", action, resource, context)
    return bool(evaluate_resource_policy(policy, request, service=service).decision == "Allow")


def names(policy: str | None, principal: str, action: str, resource: str) -> bool:
    """Tell if ``policy`` itself, and not by way of the account's IAM, allows ``action`` to a user or role."""
    request = _request(principal, "AssumedRole", action, resource, {})
    return bool(evaluate_resource_policy(policy, request, named_only=True).decision == "Allow")


def _request(principal: str, kind: str, action: str, resource: str, context: Mapping[str, str]) -> EvalContext:
    return EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={key.lower(): value for key, value in context.items()},
    )


def key_allows(key: str, service: str, actions: tuple[str, ...], context: Mapping[str, str]) -> bool:
    """Tell if the customer key ``key`` (id, ARN or alias) exists and lets ``service`` do all ``actions``."""
    record = kms._resolve_key(key)
    if record is None or record.get("KeyState") != "Enabled":
        return False
    return all(allows(record.get("Policy"), service, action, record["Arn"], context) for action in actions)
