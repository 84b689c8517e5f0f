"""The Lambda entry point: AWS events in, responses out, logs and metrics on the way. Decides nothing about
items.

An exception that gets out of ``handler`` (an event that is not API Gateway's) fails the invocation and
counts in AWS/Lambda Errors; whatever goes wrong inside a route is answered as a problem document.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.metrics import MetricUnit

from items import body, contract, event, problems, service, settings
from items.budget import Budget
from items.model import Item
from items.problems import Code, Problem
from items.store import Store, connect

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS: Final = settings.load(os.environ)
OPERATIONS: Final = contract.operations(contract.load_document())
STORE: Final = Store(connect(SETTINGS.region), SETTINGS.table_name)
METRICS_OF: Final = {
    Code.INTERNAL: "InternalErrors",
    Code.UNAVAILABLE: "Unavailable",
    Code.TIMEOUT: "Timeouts",
}
"""Problems that are the service's own, counted one metric each."""

logger = Logger(service=SETTINGS.service_name, level=SETTINGS.log_level)
metrics = Metrics(service=SETTINGS.service_name, namespace=SETTINGS.metrics_namespace)
metrics.set_default_dimensions(environment=SETTINGS.environment)
# debug would print whole events, with keys and bodies, so no environment variable may switch it on.
app = APIGatewayRestResolver(debug=False)


@logger.inject_lambda_context(log_event=False, clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one API Gateway (REST, proxy integration) event."""
    logger.append_keys(request_id=event["requestContext"]["requestId"])
    STORE.budget = budget = Budget(context.get_remaining_time_in_millis() / 1000)
    answer = app.resolve(event, context)
    logger.info(
        "request",
        extra={
            "http_method": event["httpMethod"],
            "resource": event.get("resource"),
            "status": answer["statusCode"],
            "duration_ms": round(budget.elapsed * 1000, 1),
            "table_attempts": budget.attempts,
        },
    )
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="TableAttempts", unit=MetricUnit.Count, value=budget.attempts)
    return answer


@app.post("/items")
def create_item() -> Response[str]:
    """createItem."""
    parameters = _parameters("createItem")
    created = service.create_item(
        STORE,
        _body("createItem"),
        parameters.get("Idempotency-Key"),
        event.caller(app.current_event.raw_event),
    )
    # Relative, because neither stage nor custom domain nor proxy can then make it wrong.
    parent = "" if app.current_event.path.endswith("/") else "items/"
    headers = {"Location": parent + created.item.id} | ({"Idempotency-Replayed": "true"} if created.replayed else {})
    return _item(201, created.item, headers)


@app.get("/items")
def list_items() -> Response[str]:
    """listItems."""
    parameters = _parameters("listItems")
    page, cursor = service.list_items(STORE, parameters["limit"], parameters.get("status"), parameters.get("cursor"))
    document: dict[str, Any] = {"items": [item.document() for item in page.items]}
    return _json(200, document | ({"next_cursor": cursor} if cursor else {}))


@app.get("/items/<item_id>")
def get_item(item_id: str) -> Response[str]:
    """getItem."""
    parameters = _parameters("getItem", item_id)
    return _item(200, service.get_item(STORE, parameters["id"]))


@app.put("/items/<item_id>")
def replace_item(item_id: str) -> Response[str]:
    """replaceItem."""
    parameters = _parameters("replaceItem", item_id)
    replaced = service.replace_item(STORE, parameters["id"], _body("replaceItem"), parameters.get("If-Match"))
    return _item(200, replaced)


@app.delete("/items/<item_id>")
def delete_item(item_id: str) -> Response[str]:
    """deleteItem."""
    parameters = _parameters("deleteItem", item_id)
    service.delete_item(STORE, parameters["id"], parameters.get("If-Match"))
    return Response(status_code=204, body="")


@app.get("/health")
def get_health() -> Response[str]:
    """getHealth: never touches the table."""
    _parameters("getHealth")
    return _json(200, {"status": "ok", "version": SETTINGS.function_version})


def route_not_found(_: NotFoundError) -> Response[str]:
    """No route: the same problem whether path or method is unknown."""
    return refuse(Problem(Code.ROUTE_NOT_FOUND, "There is no such route."))


def refuse(problem: Problem) -> Response[str]:
    """Answer with a problem document; the log also gets the cause, which the client does not."""
    cause = {"cause": repr(problem.__cause__)} if problem.__cause__ else {}
    level = logger.warning if problem.status >= 500 else logger.info
    level("problem", extra={"code": problem.code, "detail": problem.detail, **cause})
    _count(problem.code)
    document = problem.document(app.current_event.raw_event["requestContext"]["requestId"])
    return _json(problem.status, document, problem.headers, problems.CONTENT_TYPE)


def fail(error: Exception) -> Response[str]:
    """A bug or a misconfiguration: everything goes into the log, nothing to the client but the request id."""
    logger.exception("internal error", extra={"error": f"{type(error).__name__}: {error}"})
    return refuse(Problem(Code.INTERNAL, "The service failed. The request id helps to find out why."))


def _parameters(operation_id: str, item_id: str | None = None) -> dict[str, Any]:
    """The request's parameters, checked against the contract."""
    operation = OPERATIONS[operation_id]
    path = {} if item_id is None else {("path", "id"): unquote(item_id)}
    headers = [parameter.name for parameter in operation.parameters if parameter.location == "header"]
    raw = app.current_event.raw_event
    return operation.read_parameters(path | event.query(raw) | event.headers(raw, headers))


def _body(operation_id: str) -> dict[str, Any]:
    """The request's body, checked against the contract."""
    raw = app.current_event.raw_event
    content_type = event.headers(raw, ["Content-Type"]).get(("header", "Content-Type"))
    return OPERATIONS[operation_id].read_body(
        body.read_json(raw.get("body"), bool(raw.get("isBase64Encoded")), content_type)
    )


def _item(status: int, item: Item, headers: dict[str, str] | None = None) -> Response[str]:
    return _json(status, item.document(), {"ETag": item.etag} | (headers or {}))


def _json(
    status: int,
    document: dict[str, Any],
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
) -> Response[str]:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(status_code=status, content_type=content_type, body=text, headers=dict(headers or {}))


def _count(code: Code) -> None:
    if code in METRICS_OF:
        metrics.add_metric(name=METRICS_OF[code], unit=MetricUnit.Count, value=1)


app.not_found(route_not_found)
app.exception_handler(Problem)(refuse)
app.exception_handler(Exception)(fail)
