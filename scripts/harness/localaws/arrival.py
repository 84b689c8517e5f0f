"""Keep what a REST API's client sent, before ministack decodes or joins any of it: ground that fills stand on."""

from contextvars import ContextVar
from functools import cache
from typing import Any
from urllib.parse import quote

from ministack import app as ministack
from ministack.services import apigateway_v1

from harness.localaws.patching import wraps

_IN_A_PATH = "/%:@!$&'()*+,;=~"  # beside letters, digits and "-._": RFC 3986, 3.3 and 2.1

_headers: ContextVar[tuple[tuple[bytes, bytes], ...]] = ContextVar("headers", default=())


@cache
def watch() -> None:
    """Keep the header lines of each request while it is served. Wraps ministack's ASGI application once."""

    @wraps(ministack, "app")
    async def app(serve: Any, scope: Any, receive: Any, send: Any) -> None:
        token = _headers.set(tuple(scope.get("headers") or ()))
        try:
            await serve(scope, receive, send)
        finally:
            _headers.reset(token)


def headers() -> tuple[tuple[bytes, bytes], ...]:
    """List the header lines of the request under way, in the order sent; names in lower case."""
    return _headers.get()


def path(raw: str) -> str:
    """Percent-encode what may not stand in a URI's path, such as a quote; escapes stay as they are."""
    return quote(raw, safe=_IN_A_PATH)


def location(host: str, raw: str) -> tuple[str, str] | None:
    """Find the REST API that a request is addressed to, and the path it has on AWS: that of stage and resource.

    Returns:
        The API's id and ``/stage/resource``, or None when no REST API is addressed.
    """
    if (found := ministack._parse_execute_api_url(host, raw)) is not None:
        api, stage, below = found
        aws = f"/{stage}{below}"
    elif (mapped := ministack._resolve_custom_domain_request(host, raw)) is not None:
        api, aws = mapped[0], raw
    else:
        return None
    return (api, aws) if apigateway_v1.find_api_scope(api) is not None else None
