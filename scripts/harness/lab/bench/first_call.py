"""The first request to a service's function, made from its facts and its contract, for a process that measures it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.base.errors import ToolError
from harness.facts import Service

VALUE = "bench"
"""Stands for every name and every parameter of a path."""

_IDENTITY = {"sourceIp": "192.0.2.1", "userAgent": VALUE}


def first_call(name: str, service: Service, contract: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Describe a request that reads one record, or the first that reads anything, as ``cold`` takes it.

    Raises:
        ToolError: no operation reads anything.
    """
    reading = sorted(_reading(contract), key=lambda one: (f"GET {one[0]}" in service.open_routes, "{" not in one[0]))
    if not reading:
        raise ToolError(f"the service {name} has no GET operation to measure", "measure another part, e.g. ARGS=lane")
    path, operation = reading[0]
    table = next(iter(service.tables.values()), None)
    keys = (table.hash_key, table.range_key) if table else ()
    places = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    names = ("ENVIRONMENT", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME")
    own = {name: "1" if symbol.startswith("shards:") else VALUE for name, symbol in service.environment.items()}
    return {
        "handler": service.handler,
        "environment": {**own, **dict.fromkeys(names, VALUE), **places},
        "region": region,
        "key": {key.name: {key.code: "1" if key.type == "number" else VALUE} for key in keys if key}
        or {"id": {"S": VALUE}},
        "statuses": sorted(int(status) for status in operation["responses"] if status.isdigit() and status < "500"),
        "event": _event(path),
    }


def _reading(contract: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, item in contract["paths"].items():
        if "get" in item:
            yield path, item["get"]


def _event(path: str) -> dict[str, Any]:
    """Make the event of a GET request as API Gateway hands it over."""
    names = re.findall(r"\{(\w+)\+?\}", path)
    called = re.sub(r"\{\w+\+?\}", VALUE, path)
    return {
        "resource": path,
        "path": called,
        "httpMethod": "GET",
        "headers": {},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": dict.fromkeys(names, VALUE) or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": VALUE,
            "stage": "v1",
            "requestId": VALUE,
            "requestTimeEpoch": 1767225600000,
            "path": f"/v1{called}",
            "protocol": "HTTP/1.1",
            "httpMethod": "GET",
            "resourcePath": path,
            "identity": _IDENTITY,
        },
        "body": None,
        "isBase64Encoded": False,
    }
