"""A cold start in a process of its own: ``python -m harness.lab.bench.cold WHAT ENDPOINT PATHS``; prints seconds.

WHAT is ``client`` (import boto3, make the client, first GetItem: what any function on DynamoDB pays) or ``handler``
(import the function, first GET /items/{id}, which makes the same GetItem). PATHS are put on the import path first.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import Any

TABLE = "api-table-bench"
_IDENTITY = {"sourceIp": "192.0.2.1", "userAgent": "bench"}
_EVENT: dict[str, Any] = {
    "resource": "/items/{id}",
    "path": "/items/bench",
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": {"id": "bench"},
    "stageVariables": None,
    "requestContext": {
        "accountId": "000000000000",
        "apiId": "bench",
        "stage": "v1",
        "requestId": "bench",
        "requestTimeEpoch": 1767225600000,
        "path": "/v1/items/bench",
        "protocol": "HTTP/1.1",
        "httpMethod": "GET",
        "resourcePath": "/items/{id}",
        "identity": _IDENTITY,
    },
    "body": None,
    "isBase64Encoded": False,
}


class Context:
    """The little of Lambda's context that a handler reads."""

    function_name = "api-items-bench"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:api-items-bench:live"
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds left."""
        return 10_000


def main(what: str, endpoint: str, *paths: str) -> None:
    """Time one cold start."""
    os.environ.update(AWS_ENDPOINT_URL=endpoint, TABLE_NAME=TABLE, ENVIRONMENT="bench", AWS_REGION="eu-west-1")
    sys.path[:0] = paths
    sys.stdout, answer = sys.stderr, sys.stdout  # the handler logs to standard output
    started = time.perf_counter()
    (_client if what == "client" else _handler)()
    print(time.perf_counter() - started, file=answer)


def _client() -> None:
    client = importlib.import_module("boto3").client("dynamodb", region_name="eu-west-1")
    client.get_item(TableName=TABLE, Key={"id": {"S": "bench"}})


def _handler() -> None:
    answer = importlib.import_module("items.handler").handler(_EVENT, Context())
    if answer["statusCode"] != 404:  # the stub's table is empty
        raise SystemExit(f"GET /items/bench was answered with {answer['statusCode']}: {answer['body']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
