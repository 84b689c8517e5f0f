"""Orders by customer and number: kept in a table, told to a queue."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import boto3

TABLE = os.environ["TABLE_NAME"]
LARGE = 1000


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Answer one API Gateway event."""
    table = boto3.client("dynamodb")
    if event["httpMethod"] == "POST":
        order = json.loads(event["body"])
        table.put_item(TableName=TABLE, Item=_key(order))
        queue = boto3.client("sqs")
        address = queue.get_queue_url(QueueName=os.environ["QUEUE_NAME"])["QueueUrl"]
        queue.send_message(QueueUrl=address, MessageBody=json.dumps(order))
        if order["number"] > LARGE:
            _count("LargeOrders")
        return _answer(201, order)
    key = _key(event["pathParameters"])
    if event["httpMethod"] == "DELETE":
        table.delete_item(TableName=TABLE, Key=key)
        return _answer(204, None)
    found = table.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    if found is None:
        return _answer(404, None)
    return _answer(200, {"customer": found["customer"]["S"], "number": int(found["number"]["N"])})


def _key(order: dict[str, Any]) -> dict[str, Any]:
    return {"customer": {"S": order["customer"]}, "number": {"N": str(order["number"])}}


def _count(metric: str) -> None:
    """Write a log line that CloudWatch makes a data point of."""
    names = {"environment": os.environ["ENVIRONMENT"], "service": os.environ["POWERTOOLS_SERVICE_NAME"]}
    told = {
        "Namespace": os.environ["POWERTOOLS_METRICS_NAMESPACE"],
        "Dimensions": [list(names)],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    head = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [told]}
    print(json.dumps({"_aws": head, **names, metric: 1}))


def _answer(status: int, body: object) -> dict[str, Any]:
    text = "" if body is None else json.dumps(body)
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": text}
