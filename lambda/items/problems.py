"""Errors as RFC 9457 problem documents. A document says what the client did or can do, never how the
service works."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Final

CONTENT_TYPE: Final = "application/problem+json"


class Code(StrEnum):
    """The stable code of a problem, for clients to switch on. Documented in the contract."""

    INVALID_BODY = "invalid_body"
    INVALID_PARAMETER = "invalid_parameter"
    INVALID_CURSOR = "invalid_cursor"
    NOT_FOUND = "not_found"
    ROUTE_NOT_FOUND = "route_not_found"
    ALREADY_EXISTS = "already_exists"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    VERSION_MISMATCH = "version_mismatch"
    BODY_TOO_LARGE = "body_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"


_KINDS: Final[dict[Code, tuple[HTTPStatus, str]]] = {
    Code.INVALID_BODY: (HTTPStatus.BAD_REQUEST, "Invalid body"),
    Code.INVALID_PARAMETER: (HTTPStatus.BAD_REQUEST, "Invalid parameter"),
    Code.INVALID_CURSOR: (HTTPStatus.BAD_REQUEST, "Invalid cursor"),
    Code.NOT_FOUND: (HTTPStatus.NOT_FOUND, "No such item"),
    Code.ROUTE_NOT_FOUND: (HTTPStatus.NOT_FOUND, "No such route"),
    Code.ALREADY_EXISTS: (HTTPStatus.CONFLICT, "Item exists"),
    Code.IDEMPOTENCY_CONFLICT: (HTTPStatus.CONFLICT, "Idempotency key used for another request"),
    Code.VERSION_MISMATCH: (HTTPStatus.PRECONDITION_FAILED, "Version mismatch"),
    Code.BODY_TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Body too large"),
    Code.UNSUPPORTED_MEDIA_TYPE: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
    Code.INTERNAL: (HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error"),
    Code.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "Temporarily unavailable"),
    Code.TIMEOUT: (HTTPStatus.GATEWAY_TIMEOUT, "Timed out"),
}


class Problem(Exception):
    """A request that is answered with a problem document.

    Args:
        code: what is wrong; decides status and title.
        detail: one sentence for client and log, without any text of the request.
        retry_after_seconds: for the Retry-After header, when trying again later makes sense.
        subject: what the sentence is about, for the client alone: it may hold a name that the client sent.
    """

    def __init__(
        self, code: Code, detail: str, retry_after_seconds: int | None = None, *, subject: str | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        self.subject = subject

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(_KINDS[self.code][0])

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
            "title": _KINDS[self.code][1],
            "status": self.status,
            "detail": self.detail if self.subject is None else f"{self.subject}: {self.detail}",
            "code": str(self.code),
            "request_id": request_id,
        }
