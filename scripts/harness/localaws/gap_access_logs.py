"""Gap: access logs of API Gateway are never written.

Upstream: a stage's access log settings are stored and described, no line is ever logged.

AWS: "Set up CloudWatch logging for REST APIs" and "Variables for access logging for API Gateway", Developer
Guide: one line per request in the stage's log group, ``$context`` variables replaced, unknown ones by ``-``. A
missing log group is not created. In a JSON format, quotes and backslashes of a value are escaped (DataBiosphere/azul
issue 4348, lines of July 2024 beside the requests that made them: a user agent with quotes), so the line stays JSON.

Fill: the line is rendered from the stage's own format and appended to its log group. Every value in a JSON format is
escaped; whether AWS does so with variables other than the one seen is not documented. Other formats get values as
they are.
"""

import hashlib
import json
import re
import time
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import apigateway_v1, cloudwatch_logs

from harness.localaws import gateway_trace
from harness.localaws.gateway_trace import Trace, integration_error, integration_status

_VARIABLE = re.compile(r"\$context\.(\w+(?:\.\w+)*)")


def _request(trace: Trace) -> dict[str, Any]:
    context, at = trace.context, datetime.fromtimestamp(trace.started, tz=UTC)
    stage, api = context["stage_name"], context["api_id"]
    return {
        "accountId": get_account_id(),
        "apiId": api,
        "deploymentId": (context.get("stage") or {}).get("deploymentId"),
        "domainName": trace.headers.get("host"),
        "domainPrefix": api,
        "extendedRequestId": context["request_id"],
        "httpMethod": trace.method,
        "path": f"/{stage}{trace.path}",
        "protocol": "HTTP/1.1",
        "requestId": context["request_id"],
        "requestTime": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(trace.started * 1000),
        "resourcePath": context.get("resource_path"),
        "stage": stage,
        "xrayTraceId": trace.headers.get("x-amzn-trace-id"),
    }


def _caller(trace: Trace) -> dict[str, Any]:
    key = apigateway_v1._resolve_api_key(trace.headers.get("x-api-key")) or {}
    forwarded = trace.headers.get("x-forwarded-for", "127.0.0.1")
    return {
        "identity.apiKey": key.get("value"),
        "identity.apiKeyId": key.get("id"),
        "identity.sourceIp": forwarded.partition(",")[0].strip(),
        "identity.userAgent": trace.headers.get("user-agent"),
    }


def _outcome(trace: Trace) -> dict[str, Any]:
    latency = None if trace.integration_ms is None else round(trace.integration_ms)
    status, failure = integration_status(trace), integration_error(trace)
    message = getattr(trace.error, "message", None)
    return {
        "error.message": message,
        "error.messageString": None if message is None else json.dumps(message, ensure_ascii=False),
        "error.responseType": getattr(trace.error, "response_type", None),
        "integration.error": failure,
        "integration.integrationStatus": status,
        "integration.latency": latency,
        "integration.status": status,
        "integrationErrorMessage": failure,
        "integrationLatency": latency,
        "integrationStatus": status,
        "responseLatency": round(trace.latency_ms),
        "responseLength": trace.length,
        "status": trace.status,
    }


def render(line_format: str, trace: Trace) -> str:
    """Write one access log line: every ``$context`` variable of ``line_format`` replaced, ``-`` where there is none."""
    values = _request(trace) | _caller(trace) | _outcome(trace)
    is_json = line_format.lstrip().startswith("{")

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        text = "-" if found in (None, "") else str(found)
        return json.dumps(text, ensure_ascii=False)[1:-1] if is_json else text

    return _VARIABLE.sub(value, line_format)


def _stream(group: dict[str, Any], name: str, now_ms: int) -> Any:
    empty = {"events": [], "uploadSequenceToken": "1", "creationTime": now_ms}
    unset = dict.fromkeys(("firstEventTimestamp", "lastEventTimestamp", "lastIngestionTime"))
    return group["streams"].setdefault(name, empty | unset)


def _write(trace: Trace) -> None:
    settings = trace.context["stage"].get("accessLogSettings") or {}
    destination, line_format = settings.get("destinationArn", ""), settings.get("format", "")
    group = cloudwatch_logs._log_groups.get(destination.partition(":log-group:")[2].removesuffix(":*"))
    if group is None or not line_format:
        return
    now_ms = int(time.time() * 1000)
    # AWS spreads lines over streams named by a hash; one per stage keeps them together here.
    name = hashlib.sha256(f"{trace.context['api_id']}/{trace.context['stage_name']}".encode()).hexdigest()[:32]
    event = {"timestamp": now_ms, "message": render(line_format, trace), "ingestionTime": now_ms}
    cloudwatch_logs._append_log_events(_stream(group, name, now_ms), [event])


def install() -> None:
    """Log every request that reaches a stage with access log settings."""
    gateway_trace.observe(_write)
