"""A service's function: events in, responses out, logs and metrics on the way.

An exception that gets out of the handler (an event that is not API Gateway's) fails the invocation and counts in
AWS/Lambda Errors; whatever goes wrong inside an operation is answered as a problem document.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from rest import body, contract, event, problems, settings
from rest.answers import Answer, checked, json_answer
from rest.budget import Budget
from rest.contract import Document, Operation, Parameters
from rest.event import Event
from rest.problems import Code, Kind, Problem

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class AppError(RuntimeError):
    """Functions and operations of the contract do not match. Raised while the service is imported."""


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request, checked against the contract.

    Attributes:
        event: as API Gateway hands it over.
        operation: of the contract, that it asks for.
        parameters: by the location they came from.
        budget: the time it has.
        checked: its body as the contract lets it in; None where the operation takes none.
    """

    event: Event
    operation: Operation
    parameters: Parameters
    budget: Budget
    checked: dict[str, Any] | None

    @property
    def caller(self) -> str:
        """The id of the API key that was used, empty where none is asked for."""
        return event.caller(self.event)

    def body(self) -> dict[str, Any]:
        """Return the body, with the contract's defaults filled in."""
        assert self.checked is not None, f"{self.operation.operation_id} takes no body"  # noqa: S101 (a bug)
        return self.checked


Answering = Callable[[Request], Answer]
Handler = Callable[[dict[str, Any], "LambdaContext"], Answer]


class App:
    """A function that answers the operations of one contract.

    Args:
        document: the contract; None: the one that the bundle puts beside the service.
        environ: environment variables; None: those of the process.
        parameter_codes: problems that a refused parameter is told as in place of ``invalid_parameter``, by its name.

    Attributes:
        settings: what the function reads from its environment.
        logger: writes structured lines.
        metrics: counts in CloudWatch.

    Raises:
        SettingsError: the environment lacks a variable.
        ContractError: there is no contract beside the service, or two of its operations have one operationId.
    """

    def __init__(
        self,
        document: Document | None = None,
        environ: Mapping[str, str] | None = None,
        parameter_codes: Mapping[str, Kind] | None = None,
    ) -> None:
        self.settings = settings.load(os.environ if environ is None else environ)
        document = contract.load_document() if document is None else document
        self._operations = contract.operations(document, parameter_codes)
        self._ids = {operation.operation_id for operation in self._operations.values()}
        self._answers: dict[str, Answering] = {}
        self._exposed = ",".join(sorted(contract.response_headers(document) | {"Retry-After"}))
        self.logger = Logger(service=self.settings.service_name, level=self.settings.log_level)
        self.metrics = Metrics(service=self.settings.service_name, namespace=self.settings.metrics_namespace)
        self.metrics.set_default_dimensions(environment=self.settings.environment)

    def answers(self, operation_id: str) -> Callable[[Answering], Answering]:
        """Say which operation a function answers: paths and methods stand in the contract alone.

        Raises:
            AppError: the contract has no such operation, or another function answers it.
        """
        if operation_id not in self._ids:
            raise AppError(f"{operation_id} is no operation of the contract: name one of {_listed(self._ids)}")
        twice = f"two functions answer {operation_id}: remove one"
        if operation_id in self._answers:
            raise AppError(twice)

        def register(function: Answering) -> Answering:
            if operation_id in self._answers:
                raise AppError(twice)
            self._answers[operation_id] = function
            return function

        return register

    @property
    def handler(self) -> Handler:
        """The Lambda entry point, for after the last function.

        Raises:
            AppError: no function answers an operation of the contract; names all such.
        """
        if left := self._ids - self._answers.keys():
            raise AppError(f"no function answers {_listed(left)}: write one for each, above the line with app.handler")
        counted = self.metrics.log_metrics(self._handle)
        return self.logger.inject_lambda_context(counted, log_event=False, clear_state=True)

    def _handle(self, raw: dict[str, Any], context: LambdaContext) -> Answer:
        """Answer one API Gateway (REST, proxy integration) event."""
        request_id = raw["requestContext"]["requestId"]
        self.logger.append_keys(request_id=request_id)
        budget = Budget(context.get_remaining_time_in_millis() / 1000)
        answer = self._readable(self._respond(raw, request_id, budget))
        self.logger.info(
            "request",
            extra={
                "http_method": raw["httpMethod"],
                "resource": raw.get("resource"),
                "status": answer["statusCode"],
                "duration_ms": round(budget.elapsed * 1000, 1),
                "table_attempts": budget.attempts,
            },
        )
        self._count("Requests")
        self._count("TableAttempts", budget.attempts)
        return answer

    def _respond(self, raw: Event, request_id: str, budget: Budget) -> Answer:
        """Check the request against the contract and let its operation answer."""
        try:
            operation = self._operations.get(event.route(raw))
            if operation is None:
                raise Problem(Code.ROUTE_NOT_FOUND, "There is no such path and method.")
            parameters = operation.read_parameters(event.parameters(raw, operation.declared["header"]))
            request = Request(raw, operation, parameters, budget, _read_body(raw, operation))
            return checked(self._answers[operation.operation_id](request))
        except Problem as problem:
            return self._refuse(problem, request_id)
        except Exception as error:
            # A bug is answered, too: everything goes to the log, nothing to the client but the request id.
            self.logger.exception("internal error", extra={"error": f"{type(error).__name__}: {error}"})
            told = "The service failed. The request id helps to find out why."
            return self._refuse(Problem(Code.INTERNAL, told), request_id)

    def _refuse(self, problem: Problem, request_id: str) -> Answer:
        """Answer with a problem document; the log also gets the cause, which the client does not."""
        cause = {"cause": repr(problem.__cause__)} if problem.__cause__ else {}
        level = self.logger.warning if problem.status >= 500 else self.logger.info
        level("problem", extra={"code": problem.code, "detail": problem.detail, **cause})
        if problem.code.metric:
            self._count(problem.code.metric)
        headers = {"Content-Type": problems.CONTENT_TYPE, **problem.headers}
        return json_answer(problem.status, problem.document(request_id), headers)

    def _readable(self, answer: Answer) -> Answer:
        """Let pages of the origin that CORS is on for read an answer; the gateway does so for its own answers alone."""
        if self.settings.cors_allow_origin:
            answer["multiValueHeaders"]["Access-Control-Allow-Origin"] = [self.settings.cors_allow_origin]
            answer["multiValueHeaders"]["Access-Control-Expose-Headers"] = [self._exposed]
        return answer

    def _count(self, metric: str, value: int = 1) -> None:
        self.metrics.add_metric(name=metric, unit=MetricUnit.Count, value=value)


def _read_body(raw: Event, operation: Operation) -> dict[str, Any] | None:
    """Read and check the body of an operation that takes one, before its function sees the request.

    Raises:
        Problem: ``invalid_body``, ``body_too_large`` or ``unsupported_media_type``.
    """
    if operation.check_body is None:
        return None
    types = event.headers(raw).get("content-type", [])
    is_base64 = bool(raw.get("isBase64Encoded"))
    return operation.read_body(body.read_json(raw.get("body"), is_base64, types[0] if len(types) == 1 else None))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
