"""Gap: whoever may read a function's configuration sees its variables.

Upstream: environment variables are answered to everybody who may call ``GetFunction``.

AWS: "Securing Lambda environment variables", AWS Lambda Developer Guide: "When you use a customer managed key, only
users in your account with access to the KMS key can view or manage environment variables on the function"; they need
``kms:Decrypt``. To others "EnvironmentResponse", AWS Lambda API Reference, holds ``Error`` with code and message, and
no ``Variables``: Terraform's provider then plans to set them on every plan.

Fill: variables of a function with a customer's key are answered to those who may decrypt with it, through Lambda.
"""

import json
from collections.abc import Iterator
from typing import Any

from ministack import app as ministack
from ministack.core.router import extract_access_key_id
from ministack.services import kms

from harness.localaws.authorisation import may
from harness.localaws.gap_keys_of_services import through
from harness.localaws.patching import wraps

_FUNCTIONS = "/2015-03-31/functions"
_SEALED = {
    "ErrorCode": "AccessDeniedException",
    "Message": (
        "Lambda was unable to decrypt your environment variables because the KMS access was denied. Please check your"
        " KMS permissions. KMS Exception: AccessDeniedException"
    ),
}


def configurations(answer: Any) -> Iterator[dict[str, Any]]:
    """List the functions' configurations in an answer of Lambda's."""
    if isinstance(answer, dict):
        for one in (answer, answer.get("Configuration"), *answer.get("Functions", ()), *answer.get("Versions", ())):
            if isinstance(one, dict) and one.get("Environment"):
                yield one


def _seal(key: str, body: bytes) -> bytes:
    answer = json.loads(body)
    for one in configurations(answer):
        master = str(one.get("KMSKeyArn") or "")
        if kms._resolve_key(master) and not all(may(key, check) for check in through("lambda", "kms:Decrypt", master)):
            one["Environment"] = {"Error": _SEALED}
    return json.dumps(answer).encode()


def install() -> None:
    """Patch the answers of Lambda's control plane."""

    @wraps(ministack, "_dispatch_service_request")
    async def _dispatch_service_request(
        dispatch: Any, method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str
    ) -> Any:
        answer = await dispatch(method, path, headers, body, query, request_id)
        if not path.startswith(_FUNCTIONS) or path.endswith("/invocations") or answer[0] >= 300 or not answer[2]:
            return answer
        return answer[0], answer[1], _seal(extract_access_key_id(headers, query), answer[2])
