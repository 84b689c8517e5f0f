"""Gap: a query parameter or a header that a request to a REST API has twice.

Upstream: ``queryStringParameters`` has the first value; two header lines of one name become one value with a comma;
``;`` in a query string is a character like others.

AWS: the single-value maps have the last value, the multi-value maps have all, in order, for parameters and headers
(live event: hotsock/voker, vokerhttp/testdata/apigwv1-request.json; LocalStack's AWS-validated snapshot of
``test_lambda_aws_proxy_integration``). Parameters are decoded, ``+`` is a space. "The semicolon character (;) is not
supported for any request URL query string and results in the data being split" ("Amazon API Gateway important notes").

Fill: the event as on AWS; a semicolon separates parameters. Bytes that are no UTF-8 become U+FFFD, as upstream has it:
what AWS does with them in a query string is not documented. AWS also keeps the spelling of header names, which the HTTP
server here has lost; they stay in lower case.
"""

from typing import Any
from urllib.parse import parse_qs

from ministack import app as ministack
from ministack.core.sigv4 import decode_header_value
from ministack.services import apigateway_v1

from harness.localaws import arrival
from harness.localaws.patching import wraps


def parameters(query: str) -> dict[str, list[str]]:
    """Read a query string: name -> values, decoded, in the order given."""
    return parse_qs(query.replace(";", "&"), keep_blank_values=True)


def _sent(name: str) -> list[str]:
    return [decode_header_value(value) for key, value in arrival.headers() if key.decode("latin-1").lower() == name]


def _patch_query() -> None:
    @wraps(ministack, "_handle_execute_api_request")
    async def _handle_execute_api_request(
        handle: Any, host: str, path: str, method: str, headers: Any, body: Any, query: Any, **raw: Any
    ) -> Any:
        if arrival.location(host, path) is not None:
            query = parameters(raw["raw_query_string"])
        return await handle(host, path, method, headers, body, query, **raw)


def _last(values: dict[str, list[str]] | None) -> dict[str, str] | None:
    return None if values is None else {name: several[-1] for name, several in values.items()}


def _patch_event() -> None:
    @wraps(apigateway_v1, "_build_lambda_event_v1")
    def _build_lambda_event_v1(event_of: Any, *arguments: Any, **options: Any) -> Any:
        event = event_of(*arguments, **options)
        lines = {name: _sent(name.lower()) or joined for name, joined in event["multiValueHeaders"].items()}
        return event | {
            "multiValueHeaders": lines,
            "headers": _last(lines),
            "queryStringParameters": _last(event["multiValueQueryStringParameters"]),
        }


def install() -> None:
    """Patch how ministack reads parameters and headers for REST APIs."""
    arrival.watch()
    _patch_query()
    _patch_event()
