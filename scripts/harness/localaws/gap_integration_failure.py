"""Gap: what a client gets when the Lambda function behind a REST API fails or is throttled.

Upstream: the Lambda service's 429 and the function's own error text are handed to the client, past the API's
gateway responses.

AWS: "Gateway response types for API Gateway" and "Handle Lambda errors in API Gateway", Developer Guide: a
failed function, or an answer that is no proxy response, becomes 502 "Internal server error" through
``DEFAULT_5XX``; nothing of the function's error reaches the client. A throttled function reaches the client as a
5XX, 500 as users observe it; which response type AWS uses is not documented, so here ``INTEGRATION_FAILURE`` is
taken when the API customises it, else ``DEFAULT_5XX``. An integration beyond its timeout is not filled.

Fill: the raw outcome decides, and the answer goes through the gateway responses of the stage's deployment.
"""

from typing import Any

from ministack.services import apigateway_v1

from harness.localaws import gateway_trace
from harness.localaws.patching import wraps

_MESSAGE = "Internal server error"
_MALFORMED = 502  # "Handle Lambda errors": the default status of a malformed proxy response
_PROXY_KEYS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})


def _malformed(outcome: dict[str, Any]) -> bool:
    body = outcome.get("body")
    return bool(outcome.get("error")) or not isinstance(body, dict) or not body.keys() <= _PROXY_KEYS


def _responses() -> Any:
    context = gateway_trace.current().context
    deployed = apigateway_v1._deployed_gateway_responses.get(context["api_id"], {})
    return deployed.get(context["stage"].get("deploymentId")) or {}


def install() -> None:
    """Patch the proxy integration of ministack's REST APIs. After the fills that observe requests."""

    @wraps(apigateway_v1, "_invoke_lambda_proxy_v1")
    async def _invoke_lambda_proxy_v1(invoke: Any, *arguments: Any, **options: Any) -> Any:
        answer = await invoke(*arguments, **options)
        outcome = gateway_trace.current().invoked
        if outcome is None:
            return answer
        if outcome.get("throttle"):
            kind = "INTEGRATION_FAILURE" if "INTEGRATION_FAILURE" in _responses() else "DEFAULT_5XX"
            return apigateway_v1._gw_error(kind, _MESSAGE)
        return apigateway_v1._gw_error("DEFAULT_5XX", _MESSAGE) if _malformed(outcome) else answer

    @wraps(apigateway_v1, "_gateway_error_response")
    def _gateway_error_response(answer_error: Any, error: Any, request: Any) -> Any:
        status, headers, body = answer_error(error, request)
        outcome = gateway_trace.current().invoked
        failed = outcome is not None and not outcome.get("throttle")
        if failed and not (_responses().get("DEFAULT_5XX") or {}).get("statusCode"):
            status = _MALFORMED
        return status, headers, body
