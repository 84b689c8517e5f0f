"""Trace of one request to a REST API's stage: the ground the gateway fills stand on.

ministack keeps none of it, so the execute path is wrapped once; the fills read the trace of the request under
way, or are told of each one that was answered.
"""

import json
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ministack.services import apigateway_v1

from harness.localaws.patching import wraps


@dataclass(slots=True)
class Trace:
    """One request, filled in as it proceeds.

    Attributes:
        path: path below the stage.
        headers: of the request, names in lower case.
        started: seconds since the epoch.
        context: ministack's own request record: api_id, stage_name, stage, resource_path, path_params, request_id.
        error: the error the gateway itself answered, if any (``response_type`` and ``message``).
        invoked: the raw outcome of the Lambda function, None when none was called.
        integration_ms: how long the integration took, None when none was called.
        status: HTTP status of the answer.
        length: bytes of its body.
        latency_ms: from request to answer.
    """

    method: str
    path: str
    headers: dict[str, str]
    started: float = field(default_factory=time.time)
    context: dict[str, Any] = field(default_factory=lambda: {"request_id": str(uuid.uuid4())})
    error: Any = None
    invoked: dict[str, Any] | None = None
    integration_ms: float | None = None
    status: int = 0
    length: int = 0
    latency_ms: float = 0.0


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
_observers: list[Callable[[Trace], None]] = []


def current() -> Trace:
    """Return the trace of the request under way; a blank one outside of any request to a stage."""
    return _trace.get() or Trace("", "", {})


def observe(observer: Callable[[Trace], None]) -> None:
    """Call ``observer`` with each request that reached a stage, in that stage's account and region."""
    if not _observers:
        _wrap_request()
        _wrap_execution()
        _wrap_integration()
    _observers.append(observer)


def _length(body: Any) -> int:
    return len(body.encode() if isinstance(body, str) else body or b"")


def _wrap_request() -> None:
    @wraps(apigateway_v1, "_handle_execute_in_scope")
    async def _handle_execute_in_scope(
        handle: Any, api_id: str, stage: str, method: str, path: str, headers: Any, body: Any, *rest: Any
    ) -> Any:
        trace = Trace(method, path, {name.lower(): str(value) for name, value in (headers or {}).items()})
        token = _trace.set(trace)
        clock = time.perf_counter()
        try:
            status, answer_headers, answer = await handle(api_id, stage, method, path, headers, body, *rest)
        finally:
            _trace.reset(token)
        trace.latency_ms = (time.perf_counter() - clock) * 1000
        trace.status, trace.length = int(status), _length(answer)
        if trace.context.get("stage"):
            for observer in _observers:
                observer(trace)
        return status, {**answer_headers, "x-amzn-requestid": trace.context["request_id"]}, answer


def _wrap_execution() -> None:
    @wraps(apigateway_v1, "_execute_in_scope")
    async def _execute_in_scope(execute: Any, request: dict[str, Any], *rest: Any) -> Any:
        current().context = request
        answer = await execute(request, *rest)
        if isinstance(answer, apigateway_v1._GatewayError):
            current().error = answer
        return answer

    @wraps(apigateway_v1, "_build_lambda_event_v1")
    def _build_lambda_event_v1(event_of: Any, *arguments: Any, **options: Any) -> Any:
        """Tell the function the request id that client and access log get."""
        event = event_of(*arguments, **options)
        context = event["requestContext"]
        context["requestId"] = context["extendedRequestId"] = current().context["request_id"]
        if key := current().headers.get("x-api-key"):
            record = apigateway_v1._resolve_api_key(key) or {}
            context["identity"] |= {"apiKey": key, "apiKeyId": record.get("id")}
        return event


def _wrap_integration() -> None:
    @wraps(apigateway_v1, "_call_lambda_raw")
    async def _call_lambda_raw(call: Any, reference: str, event: Any, **scope: Any) -> Any:
        clock = time.perf_counter()
        result, problem = await call(reference, event, **scope)
        if (trace := _trace.get()) is not None:
            trace.invoked = result
            trace.integration_ms = (time.perf_counter() - clock) * 1000
        return result, problem


def integration_status(trace: Trace) -> int | None:
    """Return the HTTP status with which the Lambda service answered the gateway; None when it was not called."""
    if trace.invoked is None:
        return None
    return 429 if trace.invoked.get("throttle") else 200


def integration_error(trace: Trace) -> str:
    """Return the error that the function or the Lambda service gave; "" when there was none."""
    invoked = trace.invoked or {}
    failed = invoked.get("error") or invoked.get("throttle")
    return json.dumps(invoked.get("body")) if failed else ""
