"""A small service of nothing but ``rest``: its contract, and requests to it in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.support.events import Context, event

from rest.app import App

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "ENVIRONMENT": "test",
    "POWERTOOLS_SERVICE_NAME": "shop-shelves-test",
    "POWERTOOLS_METRICS_NAMESPACE": "shop",
}
SHELF = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 8},
        "kind": {"type": "string", "enum": ["oak", "elm"], "default": "oak"},
    },
}
TEXT = {"schema": {"type": "string"}}
CONTRACT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shelves", "version": "1"},
    "paths": {
        "/shelves": {
            "get": {
                "operationId": "listShelves",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 5}},
                    {"name": "after", "in": "query", "schema": {"type": "string", "maxLength": 4}},
                    {"name": "X-Mark", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {"description": "d", "headers": {"X-Total": TEXT}},
                    "503": {"$ref": "#/components/responses/Busy"},
                },
            },
            "post": {
                "operationId": "makeShelf",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Shelf"}}},
                },
                "responses": {"201": {"description": "d", "headers": {"Location": TEXT}}},
            },
        },
        "/shelves/{id}": {
            "parameters": [],
            "get": {
                "operationId": "getShelf",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[a-z]+$"}}
                ],
                "responses": {"200": {"description": "d"}},
            },
        },
    },
    "components": {
        "schemas": {"Shelf": SHELF},
        "responses": {"Busy": {"description": "d", "headers": {"X-Pause": TEXT}}},
    },
}
OPERATIONS = ("listShelves", "makeShelf", "getShelf")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client gets."""

    status: int
    headers: dict[str, str]
    json: Any


def whole(app: App, **functions: Any) -> App:
    """Give every operation a function, those of ``functions`` where there is one."""
    for operation in OPERATIONS:
        app.answers(operation)(functions.get(operation, lambda _: {}))
    return app


def send(app: App, method: str, url: str, **parts: Any) -> Reply:
    """Send a request through an app's handler."""
    raw = event(method, url, **parts)
    path = raw["path"]
    if path.startswith("/shelves/"):
        raw |= {"resource": "/shelves/{id}", "pathParameters": {"id": path.rpartition("/")[2]}}
    answer = app.handler(raw, Context())  # type: ignore[arg-type]
    assert not answer["isBase64Encoded"]
    headers = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
    return Reply(answer["statusCode"], headers, json.loads(answer["body"] or "null"))
