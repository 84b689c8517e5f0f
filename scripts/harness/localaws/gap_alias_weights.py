"""Gap: weighted aliases.

Upstream: ``RoutingConfig`` of an alias is stored and described, but every call goes to the primary version.

AWS: "Implement Lambda canary deployments using a weighted alias", AWS Lambda Developer Guide: each call goes to
an additional version with the probability of its weight, to the primary version otherwise.

Fill: a call (``Invoke`` or API Gateway) that names such an alias is sent to a version drawn by the weights. The
function then sees the version's ARN, not the alias's, as the one it was invoked by.
"""

import random
from typing import Any

from ministack.services import apigateway_v1, lambda_svc

from harness.localaws.patching import wraps


def drawn_version(function: Any, qualifier: str | None) -> str | None:
    """Choose the version a call of ``qualifier`` goes to; None when ``qualifier`` is not a weighted alias."""
    alias = ((function or {}).get("aliases") or {}).get(qualifier) or {}
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    if not weights:
        return None
    point = random.random()  # noqa: S311 - a draw of lots, nothing secret
    for version, weight in weights.items():
        point -= float(weight)
        if point < 0:
            return str(version)
    return str(alias.get("FunctionVersion", "$LATEST"))


def install() -> None:
    """Patch the two ways a call names an alias: the Invoke operation and an API Gateway integration."""

    @wraps(lambda_svc, "_invoke")
    async def _invoke(
        invoke: Any, name: str, event: Any, headers: Any, path_qualifier: str | None = None, query_params: Any = None
    ) -> Any:
        qualifier = path_qualifier or lambda_svc._qp_first(query_params or {}, "Qualifier")
        version = drawn_version(lambda_svc._functions.get(name), qualifier)
        return await invoke(name, event, headers, version or path_qualifier, query_params)

    @wraps(apigateway_v1, "_call_lambda_raw")
    async def _call_lambda_raw(
        call: Any, reference: str, event: Any, *, account_id: Any = None, region: Any = None
    ) -> Any:
        stem, _, qualifier = reference.rpartition(":")
        function = lambda_svc._functions.get(stem.rpartition(":")[2])
        version = drawn_version(function, qualifier)
        target = f"{stem}:{version}" if version else reference
        return await call(target, event, account_id=account_id, region=region)
