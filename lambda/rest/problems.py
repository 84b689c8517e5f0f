"""Errors as RFC 9457 problem documents. A document says what the client did or can do, never how the
service works."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Final, Self

CONTENT_TYPE: Final = "application/problem+json"

RETRY_AFTER_SECONDS: Final = 1
"""Seconds that a client is told to wait after a 503."""


class Kind(StrEnum):
    """Kinds of problems, each a stable code for clients to switch on; documented in the contract.

    A service declares its own in an enumeration derived from this one: ``NAME = code, status, title``, and as a fourth
    the name of the metric that counts it, if one shall.
    """

    status: HTTPStatus
    summary: str
    metric: str

    def __new__(cls, code: str, status: HTTPStatus, summary: str, metric: str = "") -> Self:
        """Make a member whose text is the code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.status, member.summary, member.metric = status, summary, metric
        return member


class Code(Kind):
    """Problems that any service may have. Those that are its own fault are counted, one metric each."""

    INVALID_BODY = "invalid_body", HTTPStatus.BAD_REQUEST, "Invalid body"
    INVALID_PARAMETER = "invalid_parameter", HTTPStatus.BAD_REQUEST, "Invalid parameter"
    NOT_FOUND = "not_found", HTTPStatus.NOT_FOUND, "Not found"
    ROUTE_NOT_FOUND = "route_not_found", HTTPStatus.NOT_FOUND, "No such route"
    BODY_TOO_LARGE = "body_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Body too large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"
    INTERNAL = "internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error", "InternalErrors"
    UNAVAILABLE = "unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "Temporarily unavailable", "Unavailable"
    TIMEOUT = "timeout", HTTPStatus.GATEWAY_TIMEOUT, "Timed out", "Timeouts"


class Problem(Exception):
    """A request that is answered with a problem document.

    Args:
        code: what is wrong; decides status, title and metric.
        detail: one sentence for client and log, without any text of the request.
        retry_after_seconds: for the Retry-After header, when trying again later makes sense.
        subject: what the sentence is about, for the client alone: it may hold a name that the client sent.
    """

    def __init__(
        self, code: Kind, detail: str, retry_after_seconds: int | None = None, *, subject: str | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        self.subject = subject

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.code.status)

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to the answer."""
        return {} if self.retry_after_seconds is None else {"Retry-After": str(self.retry_after_seconds)}

    def document(self, request_id: str) -> dict[str, str | int]:
        """Make the problem document, of the types that the gateway's own answers have (modules/api/responses.tf).

        Args:
            request_id: finds the request in the logs.
        """
        return {
            "type": f"urn:problem:{self.code}",
            "title": self.code.summary,
            "status": self.status,
            "detail": self.detail if self.subject is None else f"{self.subject}: {self.detail}",
            "code": str(self.code),
            "request_id": request_id,
        }


def unavailable() -> Problem:
    """Make the answer to a request that may be sent again."""
    return Problem(Code.UNAVAILABLE, "The service cannot answer now. Try again later.", RETRY_AFTER_SECONDS)


def timed_out() -> Problem:
    """Make the answer when time runs out."""
    return Problem(
        Code.TIMEOUT,
        "The service ran out of time; whether a write happened is unknown. "
        "Try again, a POST with the same Idempotency-Key if it had one.",
    )
