"""The Lambda entry point: AWS events in, responses out, logs and metrics on the way. Decides nothing about items.

An exception that gets out of ``handler`` (an event that is not API Gateway's) fails the invocation and counts in
AWS/Lambda Errors; whatever goes wrong inside an operation is answered as a problem document.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from items import body, contract, event, problems, service, settings
from items.budget import Budget
from items.contract import Operation, Parameters
from items.event import Event
from items.model import Item
from items.problems import Code, Problem
from items.store import Store, connect

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS: Final = settings.load(os.environ)
DOCUMENT: Final = contract.load_document()
OPERATIONS: Final = contract.operations(DOCUMENT)
STORE: Final = Store(connect(SETTINGS.region), SETTINGS.table_name, SETTINGS.shards)
Answer = dict[str, Any]
"""A response as API Gateway's proxy integration takes it."""

METRICS_OF: Final = {
    Code.INTERNAL: "InternalErrors",
    Code.UNAVAILABLE: "Unavailable",
    Code.TIMEOUT: "Timeouts",
}
"""Problems that are the service's own, counted one metric each."""

EXPOSED: Final = "ETag,Idempotency-Replayed,Location,Retry-After"
"""The headers of our own that a browser's page may read: the others it reads anyway, or never."""

logger = Logger(service=SETTINGS.service_name, level=SETTINGS.log_level)
metrics = Metrics(service=SETTINGS.service_name, namespace=SETTINGS.metrics_namespace)
metrics.set_default_dimensions(environment=SETTINGS.environment)


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request, checked against the contract."""

    event: Event
    operation: Operation
    parameters: Parameters

    def body(self) -> dict[str, Any]:
        """Read and check the body.

        Raises:
            Problem: ``invalid_body``, ``body_too_large`` or ``unsupported_media_type``.
        """
        types = event.headers(self.event).get("content-type", [])
        raw, is_base64 = self.event.get("body"), bool(self.event.get("isBase64Encoded"))
        return self.operation.read_body(body.read_json(raw, is_base64, types[0] if len(types) == 1 else None))


@logger.inject_lambda_context(log_event=False, clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one API Gateway (REST, proxy integration) event."""
    request_id = event["requestContext"]["requestId"]
    logger.append_keys(request_id=request_id)
    STORE.budget = budget = Budget(context.get_remaining_time_in_millis() / 1000)
    answer = _readable(respond(event, request_id))
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


def respond(raw: Event, request_id: str) -> Answer:
    """Check the request against the contract and let its operation answer."""
    try:
        operation = OPERATIONS.get(event.route(raw))
        if operation is None:
            raise Problem(Code.ROUTE_NOT_FOUND, "There is no such path and method.")
        given = event.parameters(raw, operation.declared["header"])
        return ANSWERS[operation.operation_id](Request(raw, operation, operation.read_parameters(given)))
    except Problem as problem:
        return refuse(problem, request_id)
    except Exception as error:
        # A bug is answered, too: everything goes to the log, nothing to the client but the request id.
        logger.exception("internal error", extra={"error": f"{type(error).__name__}: {error}"})
        return refuse(Problem(Code.INTERNAL, "The service failed. The request id helps to find out why."), request_id)


def create_item(request: Request) -> Answer:
    """Answer createItem."""
    key, caller = request.parameters.header.get("Idempotency-Key"), event.caller(request.event)
    created = service.create_item(STORE, request.body(), key, caller)
    # Relative, because neither stage nor custom domain nor proxy can then make it wrong.
    parent = "" if request.event["path"].endswith("/") else "items/"
    headers = {"Location": parent + created.item.id} | ({"Idempotency-Replayed": "true"} if created.replayed else {})
    return _item(201, created.item, headers)


def list_items(request: Request) -> Answer:
    """Answer listItems."""
    query = request.parameters.query
    page, cursor = service.list_items(STORE, query["limit"], query.get("status"), query.get("cursor"))
    document: dict[str, Any] = {"items": [item.document() for item in page.items]}
    return _json(200, document | ({"next_cursor": cursor} if cursor else {}))


def get_item(request: Request) -> Answer:
    """Answer getItem."""
    return _item(200, service.get_item(STORE, request.parameters.path["id"]))


def replace_item(request: Request) -> Answer:
    """Answer replaceItem."""
    parameters = request.parameters
    replaced = service.replace_item(STORE, parameters.path["id"], request.body(), parameters.header.get("If-Match"))
    return _item(200, replaced)


def delete_item(request: Request) -> Answer:
    """Answer deleteItem."""
    service.delete_item(STORE, request.parameters.path["id"], request.parameters.header.get("If-Match"))
    return _answer(204, "", {})


def get_health(_: Request) -> Answer:
    """Answer getHealth, without touching the table."""
    return _json(200, {"status": "ok", "version": SETTINGS.function_version})


ANSWERS: Final[Mapping[str, Callable[[Request], Answer]]] = {
    "createItem": create_item,
    "listItems": list_items,
    "getItem": get_item,
    "replaceItem": replace_item,
    "deleteItem": delete_item,
    "getHealth": get_health,
}
"""By operation id: paths and methods stand in the contract alone."""


def refuse(problem: Problem, request_id: str) -> Answer:
    """Answer with a problem document; the log also gets the cause, which the client does not."""
    cause = {"cause": repr(problem.__cause__)} if problem.__cause__ else {}
    level = logger.warning if problem.status >= 500 else logger.info
    level("problem", extra={"code": problem.code, "detail": problem.detail, **cause})
    if problem.code in METRICS_OF:
        metrics.add_metric(name=METRICS_OF[problem.code], unit=MetricUnit.Count, value=1)
    document = problem.document(request_id)
    return _json(problem.status, document, {"Content-Type": problems.CONTENT_TYPE, **problem.headers})


def _readable(answer: Answer) -> Answer:
    """Let pages of the origin that CORS is on for read an answer; the gateway does so for its own answers alone."""
    if SETTINGS.cors_allow_origin:
        answer["multiValueHeaders"]["Access-Control-Allow-Origin"] = [SETTINGS.cors_allow_origin]
        answer["multiValueHeaders"]["Access-Control-Expose-Headers"] = [EXPOSED]
    return answer


def _item(status: int, item: Item, headers: Mapping[str, str] | None = None) -> Answer:
    return _json(status, item.document(), {"ETag": item.etag, **(headers or {})})


def _json(status: int, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return _answer(status, text, {"Content-Type": "application/json", **(headers or {})})


def _answer(status: int, text: str, headers: Mapping[str, str]) -> Answer:
    several = {name: [value] for name, value in headers.items()}
    return {"statusCode": status, "multiValueHeaders": several, "body": text, "isBase64Encoded": False}
