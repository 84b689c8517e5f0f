"""Gap: reserved concurrency of a function that is called through an alias or a version.

Upstream: the reservation is looked up on the record that runs; only ``$LATEST``'s has it, so a call through an
alias or a published version is never throttled.

AWS: "Configuring reserved concurrency for a function", AWS Lambda Developer Guide: the reservation belongs to
the function and all its versions and aliases share it; beyond it, 429 ``TooManyRequestsException``.

Fill: a record without a reservation is held to that of its function.
"""

from typing import Any

from ministack.services import lambda_svc

from harness.localaws.patching import wraps


def install() -> None:
    """Patch the lookup of the reservation in ministack's Lambda."""

    @wraps(lambda_svc, "_reserved_concurrency")
    def _reserved_concurrency(reserved: Any, record: Any, config: Any) -> Any:
        own = reserved(record, config)
        return reserved(lambda_svc._functions.get(config.get("FunctionName")), {}) if own is None else own
