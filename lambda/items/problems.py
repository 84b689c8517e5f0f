"""Problems of this service's own, beside those that any service may have."""

from __future__ import annotations

from http import HTTPStatus

from rest.problems import Kind


class Code(Kind):
    """The stable code of a problem, for clients to switch on. Documented in the contract."""

    INVALID_CURSOR = "invalid_cursor", HTTPStatus.BAD_REQUEST, "Invalid cursor"
    NOT_FOUND = "not_found", HTTPStatus.NOT_FOUND, "No such item"
    ALREADY_EXISTS = "already_exists", HTTPStatus.CONFLICT, "Item exists"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict", HTTPStatus.CONFLICT, "Idempotency key used for another request"
    VERSION_MISMATCH = "version_mismatch", HTTPStatus.PRECONDITION_FAILED, "Version mismatch"
