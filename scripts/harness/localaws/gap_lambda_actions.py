"""Gap: requests to Lambda are authorised as other actions than theirs.

Upstream: changing or deleting an alias is authorised as ``lambda:ListAliases``, reading or taking back a reservation
as ``lambda:PutFunctionConcurrency``, one event source mapping as the list of all; what the account allows is not
authorised at all. A function's version or alias that a request names with ``Qualifier`` does not count.

AWS: "Actions, resources, and condition keys for AWS Lambda", Service Authorization Reference: each operation is an
action of its own, and a call's ``InvokeFunction`` is the only one that is not named like its operation; a function's
alias and version are resources of their own (``function:NAME:ALIAS``), which a policy for the function alone does
not match ("Fine-tuning the Resources and Conditions sections of policies", AWS Lambda Developer Guide).

Fill: the action is found in the service's own model, by method and path; the qualifier becomes part of the resource.
"""

from typing import Any

from ministack.core import iam_actions

from harness.localaws.authorisation import first
from harness.localaws.patching import wraps

_OTHERWISE_CALLED = {
    "Invoke": "InvokeFunction",
    "InvokeAsync": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
}


def install() -> None:
    """Patch how ministack names a request to Lambda and what the request is for."""
    iam_actions._BOTOCORE_SERVICE_MAP.setdefault("lambda", ["lambda"])

    @wraps(iam_actions, "_lambda_action")
    def _lambda_action(name: Any, method: str, path: str) -> str | None:
        operation: str | None = iam_actions._match_rest_action("lambda", method, path)
        if operation is None:
            found: str | None = name(method, path)
            return found
        return _OTHERWISE_CALLED.get(operation, operation)

    @wraps(iam_actions, "extract_resource_arn")
    def extract_resource_arn(
        extract: Any, service: str, method: str, path: str, headers: Any, body: bytes, params: Any, *place: str
    ) -> str:
        resource: str = extract(service, method, path, headers, body, params, *place)
        qualifier = first(params, "Qualifier")
        return f"{resource}:{qualifier}" if service == "lambda" and qualifier else resource
