"""Gap: the path of a request to a REST API is decoded before it is matched and handed over.

Upstream: ``%2F`` splits a segment, ``%0A`` and ``%22`` reach the function and the access log as newline and quote, and
what the function decodes once more is decoded twice.

AWS: in the event of a Lambda proxy integration ``path``, ``requestContext.path`` and ``pathParameters`` are percent-
encoded as they came (live events: hotsock/voker, vokerhttp/testdata; LocalStack's AWS-validated snapshot of
``test_lambda_aws_proxy_integration``; serverless/serverless issue 5037). A slash at the end does not count when the
resource is matched, and stays in both paths; slashes that begin the path count as one, and all of them stay in
``requestContext.path`` (LocalStack issue 11253 and pull requests 11268, 11304).

Fill: matched and handed over as it came. What may not stand in a URI's path but gets past the HTTP server, such as a
quote, is percent-encoded; the server refuses spaces, control characters and bytes above 7F with 400. Not documented,
nor found observed, and so the strict reading taken: a segment of the API is matched by the same characters, not by
their escapes (``/%61b`` is not ``/ab``). Kept as upstream has it, for want of a source: empty segments inside
the path do not count, ``.`` and ``..`` are segments like others, escapes that are none (``%zz``) stay.
"""

import json
from typing import Any

from ministack import app as ministack
from ministack.services import apigateway_v1

from harness.localaws import arrival
from harness.localaws.patching import wraps

_FORBIDDEN = (403, {"Content-Type": "application/json"}, json.dumps({"message": "Forbidden"}).encode())


def _patch_arrival() -> None:
    @wraps(ministack, "_handle_execute_api_request")
    async def _handle_execute_api_request(
        handle: Any, host: str, path: str, *rest: Any, raw_path: str | None = None, **options: Any
    ) -> Any:
        if raw_path is None or arrival.location(host, path) is None:
            return await handle(host, path, *rest, raw_path=raw_path, **options)
        encoded = arrival.path(raw_path)
        if arrival.location(host, encoded) is None:
            return _FORBIDDEN  # the local address itself, or the stage, in escapes
        return await handle(host, encoded, *rest, raw_path=raw_path, **options)


def _patch_event() -> None:
    @wraps(apigateway_v1, "_build_lambda_event_v1")
    def _build_lambda_event_v1(event_of: Any, *arguments: Any, **options: Any) -> Any:
        event = event_of(*arguments, **options)
        return event | {"path": "/" + event["path"].lstrip("/")}


def install() -> None:
    """Patch how ministack addresses REST APIs."""
    _patch_arrival()
    _patch_event()
