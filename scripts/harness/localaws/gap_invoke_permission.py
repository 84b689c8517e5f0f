"""Gap: API Gateway may call any function, with or without permission.

Upstream: the function's resource policy is stored and described, and not asked.

AWS: "Control access to a REST API ... Lambda permissions" and "Using resource-based policies for Lambda": without
a statement for ``apigateway.amazonaws.com`` on exactly the function, version or alias the integration names,
whose source ARN covers api, stage, method and path, the client gets 500 "Internal server error". Path parameters
are ``*`` in the source ARN.

Fill: the policy is asked before the function is called. An integration with a role of its own (``credentials``)
is not checked: there the role's policy decides.
"""

import re
from collections.abc import Mapping
from typing import Any

from ministack.core.iam_evaluator import fnmatch_iam, fnmatch_iam_cs
from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1, lambda_svc

from harness.localaws.patching import original, replaces

_SERVICE = "apigateway.amazonaws.com"
_ACTION = "lambda:InvokeFunction"
_PARAMETER = re.compile(r"\{[^}]+\}")


def source_arn(api: str, stage: str, method: str, resource_path: str) -> str:
    """Build the ARN by which Lambda sees a call from a method of a stage."""
    path = _PARAMETER.sub("*", resource_path)
    return f"arn:aws:execute-api:{get_region()}:{get_account_id()}:{api}/{stage}/{method}{path}"


def allows(statement: Mapping[str, Any], function: str, source: str) -> bool:
    """Tell if a statement of a function's policy lets API Gateway call ``function`` for ``source``."""
    principal, condition = statement.get("Principal"), statement.get("Condition") or {}
    for_gateway = principal == "*" or (isinstance(principal, dict) and principal.get("Service") == _SERVICE)
    like = (condition.get("ArnLike") or {}).get("AWS:SourceArn", "*")
    account = (condition.get("StringEquals") or {}).get("AWS:SourceAccount", get_account_id())
    return (
        statement.get("Effect") == "Allow"
        and for_gateway
        and fnmatch_iam(_ACTION, str(statement.get("Action", "")))
        and statement.get("Resource") == function
        and fnmatch_iam_cs(source, str(like))
        and account == get_account_id()
    )


def _permitted(integration: Any, source: str) -> bool:
    function = apigateway_v1._extract_lambda_ref_from_integration_uri(integration.get("uri", ""))
    name = function.partition(":function:")[2].partition(":")[0]
    record = lambda_svc._functions.get(name)
    if record is None or integration.get("credentials"):
        return True  # no such function, or a role of its own: others answer for that
    statements = (record.get("policy") or {}).get("Statement") or []
    return any(allows(statement, function, source) for statement in statements)


def install() -> None:
    """Patch the proxy integration of ministack's REST APIs."""
    invoke = original(apigateway_v1, "_invoke_lambda_proxy_v1")

    @replaces(apigateway_v1, "_invoke_lambda_proxy_v1")
    async def _invoke_lambda_proxy_v1(
        integration: Any,
        api: str,
        stage_name: str,
        stage: Any,
        resource: Any,
        path: str,
        method: str,
        *rest: Any,
        **options: Any,
    ) -> Any:
        if not _permitted(integration, source_arn(api, stage_name, method, resource["path"])):
            return apigateway_v1._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
        return await invoke(integration, api, stage_name, stage, resource, path, method, *rest, **options)
