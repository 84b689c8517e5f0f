"""Ask for more than the one action that ministack authorises a request for: ground that fills stand on.

On AWS one request may need several permissions: a role that is passed, tags that are set at creation, a key that a
service uses for its caller. A fill lists them for a request; each is decided as ministack decides its own.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ministack import app as ministack
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import detect_service, extract_access_key_id

from harness.localaws.patching import wraps


@dataclass(frozen=True, slots=True)
class Call:
    """A request to one of AWS's services.

    Attributes:
        service: its name in ministack.
        action: IAM action that the request is authorised for, ``lambda:CreateFunction``.
        resource: ARN that it is authorised on, or ``*``.
        data: members of a JSON body.
        params: parameters of the query string and of a form, the first value of each.
        access_key: access key id that it is signed with.
    """

    service: str
    action: str
    resource: str
    method: str
    path: str
    data: Mapping[str, Any]
    params: Mapping[str, str]
    access_key: str

    @property
    def principal(self) -> str:
        """ARN of the caller; empty when the key is nobody's."""
        return str(getattr(iam_evaluator.resolve_principal(self.access_key, get_account_id()), "arn", ""))


@dataclass(frozen=True, slots=True)
class Check:
    """One more permission that a request needs.

    Attributes:
        context: condition keys of this permission.
    """

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


Derive = Callable[[Call], Iterable[Check]]


def arn(service: str, rest: str, *, region: str | None = None) -> str:
    """Build the ARN of something of the caller's account, in the request's region unless another is given."""
    return f"arn:aws:{service}:{get_region() if region is None else region}:{get_account_id()}:{rest}"


def members(params: Mapping[str, Any], name: str) -> list[str]:
    """List the values of a Query protocol's list ``NAME.member.1``, ``NAME.member.2`` and on."""
    found: list[str] = []
    while value := first(params, f"{name}.member.{len(found) + 1}"):
        found.append(value)
    return found


def first(params: Mapping[str, Any], name: str) -> str:
    """Return the first value of a parameter; empty when it is not given."""
    value = params.get(name) or ""
    return str(value[0] if isinstance(value, list) else value)


def body_of(body: bytes) -> Mapping[str, Any]:
    """Return the members of a JSON body; none when it is something else."""
    try:
        data = json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


@cache
def _derivations() -> list[Derive]:
    """Wrap ministack's dispatch once; return the list that it asks."""
    found: list[Derive] = []

    @wraps(ministack, "_dispatch_service_request")
    async def _dispatch_service_request(
        dispatch: Any, method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str
    ) -> Any:
        call = _call(method, path, headers, body, query)
        if call is not None and (answer := _refusal(found, call, headers, request_id)) is not None:
            return answer
        return await dispatch(method, path, headers, body, query, request_id)

    return found


def asks_also(derive: Derive) -> Derive:
    """Let requests need what ``derive`` lists for them, too."""
    _derivations().append(derive)
    return derive


def _call(method: str, path: str, headers: Any, body: bytes, query: Any) -> Call | None:
    params = ministack._routing_params(method, path, headers, body, query)
    service = detect_service(method, path, headers, params)
    action = iam_actions.extract_iam_action(service, method, path, headers, body, params)
    if action is None:
        return None
    place = (get_region(), get_account_id())
    resource = iam_actions.extract_resource_arn(service, method, path, headers, body, params, *place)
    flat = {name: first(params, name) for name in params}
    key = extract_access_key_id(headers, query)
    return Call(service, action, resource, method, path, body_of(body), flat, key)


def _refusal(derivations: list[Derive], call: Call, headers: Any, request_id: str) -> Any:
    for check in (check for derive in derivations for check in derive(call)):
        denied = _denied(call.access_key, check)
        # Wrong keys are refused by ministack itself.
        if denied is not None and not isinstance(denied, iam_evaluator.AuthError):
            return iam_actions.access_denied_response(
                call.service,
                check.action,
                denied.principal_arn,
                request_id,
                headers=headers,
                resource_arn=check.resource,
                explicit_deny=denied.decision == "Deny",
            )
    return None


def may(access_key: str, check: Check) -> bool:
    """Tell whether the owner of a key has one permission; the account's root has each."""
    return _denied(access_key, check) is None


def _denied(access_key: str, check: Check) -> Any:
    """Ask ministack for one permission; ``None`` when the owner of the key has it."""
    service, context = check.action.partition(":")[0], dict(check.context)
    return iam_evaluator.enforce(
        access_key, check.action, service, get_region(), resource_arn=check.resource, service_context=context
    )
