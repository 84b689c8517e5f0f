"""Gap: API Gateway emits no metrics.

Upstream: none at all.

AWS: "Amazon API Gateway dimensions and metrics", Developer Guide: per request to a stage Count, 4XXError and
5XXError (Average is the rate), Latency, and IntegrationLatency when a backend was called; with ApiName, and
with ApiName + Stage. ApiName is the API's *name*. Method-level metrics are not filled.

Fill: each answered request is counted in the metric store.
"""

from ministack.services import apigateway_v1, cloudwatch

from harness.localaws import gateway_trace

_NAMESPACE = "AWS/ApiGateway"


def _count(trace: gateway_trace.Trace) -> None:
    api = apigateway_v1._rest_apis.get(trace.context["api_id"]) or {}
    name, stage = api.get("name", ""), trace.context["stage_name"]
    values = [
        ("Count", 1.0, "Count"),
        ("4XXError", float(400 <= trace.status < 500), "Count"),
        ("5XXError", float(trace.status >= 500), "Count"),
        ("Latency", trace.latency_ms, "Milliseconds"),
    ]
    if trace.integration_ms is not None:
        values.append(("IntegrationLatency", trace.integration_ms, "Milliseconds"))
    for dimensions in ({"ApiName": name, "Stage": stage}, {"ApiName": name}):
        for metric, value, unit in values:
            cloudwatch.record_metric(_NAMESPACE, metric, value, unit, dimensions)


def install() -> None:
    """Count every request that reaches a stage of a REST API."""
    gateway_trace.observe(_count)
