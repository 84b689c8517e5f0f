"""API Gateway events as the function gets them (REST API, proxy integration, payload 1.0), and a Lambda context."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.contract import document

from harness.facts import service_names

REQUEST_ID = "7c0a1c7e-6ad5-4a58-a3d3-6b2b3f2d0f4e"


def event(
    method: str,
    url: str,
    *,
    body: str | bytes | dict[str, Any] | list[Any] | None = None,
    headers: dict[str, str | list[str]] | None = None,
    api_key_id: str | None = None,
    is_base64: bool = False,
) -> dict[str, Any]:
    """Build a proxy event.

    Args:
        method: HTTP method.
        url: path and query string, such as ``/orders?limit=2``; the path is handed over as it is, percent-encoded.
        body: a JSON value becomes its text with the content type of JSON; text and bytes stay as they are.
        headers: extra headers; a list is a header given several times.
        api_key_id: id of the API key that the gateway has let through.
        is_base64: whether ``body`` is base64.
    """
    parts = urlsplit(url)
    all_headers: dict[str, list[str]] = {"Host": ["api.test"], "User-Agent": ["tests"]}
    if isinstance(body, dict | list):
        body, all_headers["Content-Type"] = json.dumps(body), ["application/json"]
    for name, value in (headers or {}).items():
        all_headers[name] = [value] if isinstance(value, str) else value
    several = parse_qs(parts.query, keep_blank_values=True)
    resource, in_path = route(parts.path)
    return {
        "resource": resource,
        "path": parts.path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in all_headers.items()},
        "multiValueHeaders": all_headers,
        "queryStringParameters": {name: values[-1] for name, values in several.items()} or None,
        "multiValueQueryStringParameters": several or None,
        "pathParameters": in_path or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "abcdef1234",
            "stage": "v1",
            "requestId": REQUEST_ID,
            "requestTimeEpoch": 1767225600000,
            "path": f"/v1{parts.path}",
            "protocol": "HTTP/1.1",
            "httpMethod": method,
            "resourcePath": resource,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "tests"}
            | ({"apiKeyId": api_key_id, "apiKey": "the-key-itself"} if api_key_id else {}),
        },
        "body": body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else body,
        "isBase64Encoded": is_base64,
    }


def route(path: str) -> tuple[str, dict[str, str]]:
    """Find the path of a contract that a request's path matches, and the variables in it, segment by segment.

    The path itself, where none matches: a function behind a gateway is never asked for one.
    """
    given = path.strip("/").split("/")
    for known in (path for service in service_names() for path in document(service)["paths"]):
        wanted = known.strip("/").split("/")
        pairs = list(zip(wanted, given, strict=False))
        if len(wanted) == len(given) and all(one == other or one.startswith("{") for one, other in pairs):
            return known, {one.strip("{}"): other for one, other in pairs if one.startswith("{")}
    return path, {}


@dataclass(slots=True)
class Context:
    """Context that Lambda hands over beside the event; ``remaining_ms`` is the function's timeout at the start."""

    remaining_ms: int = 10_000
    function_name: str = "shop-orders-test"
    function_version: str = "7"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:000000000000:function:shop-orders-test:live"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return self.remaining_ms
