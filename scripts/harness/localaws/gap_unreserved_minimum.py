"""Gap: all of an account's concurrency can be reserved.

Upstream: any reservation is accepted.

AWS: "PutFunctionConcurrency", AWS Lambda API Reference, and "Configuring reserved concurrency", Developer Guide:
at least 100 executions stay unreserved; a reservation that leaves less is refused.

Fill: the sum over all functions is checked. The account's limit is the 1,000 of a new account.
"""

from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from harness.localaws.patching import wraps

_MINIMUM = 100


def install() -> None:
    """Patch ``PutFunctionConcurrency`` of ministack's Lambda."""

    @wraps(lambda_svc, "_put_function_concurrency")
    def _put_function_concurrency(put: Any, name: str, data: Any) -> Any:
        others = (record.get("concurrency") or 0 for key, record in lambda_svc._functions.items() if key != name)
        wanted = int(data.get("ReservedConcurrentExecutions") or 0)
        if wanted and lambda_svc._ACCOUNT_CONCURRENCY_CAP - sum(others) - wanted < _MINIMUM:
            message = (
                "Specified ReservedConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{_MINIMUM}]."
            )
            return error_response_json("InvalidParameterValueException", message, 400)
        return put(name, data)
