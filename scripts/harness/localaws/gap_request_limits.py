"""Gap: a request to a REST API may be of any size.

Upstream: no limit of API Gateway's is applied, nor Lambda's on what a function may be given.

AWS: "Quotas for configuring and running a REST API in API Gateway": request line and header values 10,240 bytes in
all (the URL of a regional API, 10,240 characters, is within it), payload 10 MB. A larger payload is answered before
the API sees it: 413 with the plain text "HTTP content length exceeded 10485760 bytes.", whatever gateway response the
API has (koki-develop/lgtm-generator issue 10 with both captures; reapit/foundations issue 4338). An event above
Lambda's 6 MB is 413 {"message": "Request Too Long"} of the API's own (the first issue again): REQUEST_TOO_LARGE. The
text for headers is "HTTP header is larger than 10240 bytes." (as users quote it); its status is not documented. It is
the sister of the payload's text in the HTTP library whose words both are, where one class of error covers both: so
413 is taken, not 431.

Fill: all three. Sizes are of the request as its client would send it to AWS, without the local address's prefix.
"""

import json
from typing import Any

from ministack import app as ministack
from ministack.services import apigateway_v1

from harness.localaws import arrival
from harness.localaws.patching import wraps

MOST_HEADER_BYTES = 10_240
MOST_BODY_BYTES = 10_485_760
MOST_EVENT_BYTES = 6_291_456  # "Request must be smaller than 6291456 bytes for the InvokeFunction operation"


class _EventTooLong(Exception):
    """Stands for a call that Lambda would refuse for the size of its event."""


def refusal(method: str, target: str, values: list[bytes], body: bytes) -> str | None:
    """Say which limit of API Gateway's a request breaks; None when it breaks none."""
    if len(f"{method} {target} HTTP/1.1") + sum(map(len, values)) > MOST_HEADER_BYTES:
        return f"HTTP header is larger than {MOST_HEADER_BYTES} bytes."
    if len(body) > MOST_BODY_BYTES:
        return f"HTTP content length exceeded {MOST_BODY_BYTES} bytes."
    return None


def _patch_arrival() -> None:
    @wraps(ministack, "_handle_execute_api_request")
    async def _handle_execute_api_request(
        handle: Any, host: str, path: str, method: str, headers: Any, body: bytes, query: Any, **raw: Any
    ) -> Any:
        if (found := arrival.location(host, raw["raw_path"] or path)) is not None:
            target = found[1] + ("?" + raw["raw_query_string"] if raw["raw_query_string"] else "")
            values = [value for _, value in arrival.headers()]
            if (reason := refusal(method, target, values, body)) is not None:
                return 413, {"Content-Type": "text; charset=utf-8"}, reason.encode()
        return await handle(host, path, method, headers, body, query, **raw)


def _patch_invocation() -> None:
    @wraps(apigateway_v1, "_call_lambda_raw")
    async def _call_lambda_raw(call: Any, reference: str, event: Any, **scope: Any) -> Any:
        if len(json.dumps(event, ensure_ascii=False).encode(errors="surrogatepass")) > MOST_EVENT_BYTES:
            raise _EventTooLong
        return await call(reference, event, **scope)

    @wraps(apigateway_v1, "_invoke_lambda_proxy_v1")
    async def _invoke_lambda_proxy_v1(invoke: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return await invoke(*arguments, **options)
        except _EventTooLong:
            return apigateway_v1._GatewayError("REQUEST_TOO_LARGE", "Request Too Long", "BadRequestException")


def install() -> None:
    """Patch how ministack takes requests to REST APIs. After the fills that observe requests."""
    arrival.watch()
    _patch_arrival()
    _patch_invocation()
