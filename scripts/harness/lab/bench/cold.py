"""A cold start in a process of its own: ``python -m harness.lab.bench.cold WHAT ENDPOINT CALL PATHS``; prints seconds.

WHAT is ``client`` (import boto3, make the client, first GetItem: what any function on DynamoDB pays) or ``handler``
(import the function, first request). CALL is the JSON of :func:`harness.lab.bench.first_call.first_call`. PATHS are put
on the import path first. Only the standard library is imported here: the rest is what is measured.
"""

import importlib
import json
import os
import sys
import time
from typing import Any


class Context:
    """The little of Lambda's context that a handler reads."""

    function_name = "bench"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:bench:live"
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return 10_000


def main(what: str, endpoint: str, told: str, *paths: str) -> None:
    """Time one cold start."""
    call = json.loads(told)
    os.environ.update(call["environment"], AWS_ENDPOINT_URL=endpoint)
    sys.path[:0] = paths
    sys.stdout, answer = sys.stderr, sys.stdout  # the handler logs to standard output
    started = time.perf_counter()
    (_client if what == "client" else _handler)(call)
    print(time.perf_counter() - started, file=answer)


def _client(call: dict[str, Any]) -> None:
    client = importlib.import_module("boto3").client("dynamodb", region_name=call["region"])
    client.get_item(TableName="bench", Key=call["key"])


def _handler(call: dict[str, Any]) -> None:
    module, _, name = call["handler"].rpartition(".")
    answer = getattr(importlib.import_module(module), name)(call["event"], Context())
    if answer["statusCode"] not in call["statuses"]:
        path = call["event"]["path"]
        raise SystemExit(f"GET {path} was answered with {answer['statusCode']}: {answer['body']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
