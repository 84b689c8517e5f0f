"""Gap: the metrics of a Lambda function.

Upstream: only direct ``Invoke`` calls are counted, not those through API Gateway; a throttled call counts as an
invocation, twice; there is no ``ConcurrentExecutions`` and no dimension but the function's name.

AWS: "Types of metrics for Lambda functions" and "Viewing metrics", AWS Lambda Developer Guide: every execution
counts; throttled requests count as Throttles only; metrics carry FunctionName, FunctionName + Resource (the
alias or version called), and for an alias also ExecutedVersion. ``Duration`` on AWS excludes the start of the
environment; here it includes it.

Fill: one place, around the execution itself, whoever called.
"""

import time
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway_v1, cloudwatch, lambda_svc

from harness.localaws.patching import replaces, wraps

_NAMESPACE = "AWS/Lambda"
_qualifier: ContextVar[str] = ContextVar("qualifier", default="")
"""Alias or version that the call under way named, "" for none."""


def _record(name: str, value: float, unit: str, dimensions: dict[str, str]) -> None:
    cloudwatch.record_metric(_NAMESPACE, name, value, unit, dimensions)


def _dimension_sets(config: Any) -> list[dict[str, str]]:
    function, qualifier = config.get("FunctionName", ""), _qualifier.get()
    resource = f"{function}:{qualifier}" if qualifier else function
    sets = [{"FunctionName": function}, {"FunctionName": function, "Resource": resource}]
    executed = str(config.get("Version", "$LATEST"))
    if qualifier and qualifier != executed:
        sets.append({**sets[1], "ExecutedVersion": executed})
    return sets


def _emit(config: Any, result: Any, milliseconds: float) -> None:
    throttled = bool(result.get("throttle"))
    for dimensions in _dimension_sets(config):
        _record("Throttles", int(throttled), "Count", dimensions)
        if throttled:
            continue
        _record("Invocations", 1, "Count", dimensions)
        _record("Errors", int(bool(result.get("error"))), "Count", dimensions)
        _record("Duration", milliseconds, "Milliseconds", dimensions)


def _patch_execution() -> None:
    @replaces(lambda_svc, "_emit_lambda_metrics")
    def _emit_lambda_metrics(*_: Any, **__: Any) -> None:
        """Count nothing: in the place of upstream's counting, which the patch below replaces."""

    @wraps(lambda_svc, "_execute_function")
    def _execute_function(execute: Any, record: Any, event: Any) -> Any:
        config = record.get("config") or record
        if lambda_svc._function_config_scope_mismatch(config):
            return execute(record, event)  # comes back here once it is in the function's account and region
        started = time.perf_counter()
        result = execute(record, event)
        _emit(config, result, (time.perf_counter() - started) * 1000)
        return result

    @wraps(lambda_svc, "_acquire_execution_slot")
    def _acquire_execution_slot(acquire: Any, record: Any, config: Any) -> Any:
        slot, limit = acquire(record, config)
        if slot is not None:
            dimensions = {"FunctionName": config.get("FunctionName", "")}
            _record("ConcurrentExecutions", lambda_svc._inflight.get(slot, 1), "Count", dimensions)
        return slot, limit


def _patch_callers() -> None:
    @wraps(lambda_svc, "_invoke")
    async def _invoke(
        invoke: Any, name: str, event: Any, headers: Any, path_qualifier: str | None = None, query_params: Any = None
    ) -> Any:
        _qualifier.set(path_qualifier or lambda_svc._qp_first(query_params or {}, "Qualifier") or "")
        return await invoke(name, event, headers, path_qualifier, query_params)

    @wraps(apigateway_v1, "_call_lambda_raw")
    async def _call_lambda_raw(call: Any, reference: str, event: Any, **scope: Any) -> Any:
        called = reference.partition(":function:")[2] or reference
        _qualifier.set(called.partition(":")[2])
        return await call(reference, event, **scope)


def install() -> None:
    """Patch execution and callers in ministack's Lambda and API Gateway. After ``alias_weights``: it wraps it."""
    _patch_execution()
    _patch_callers()
