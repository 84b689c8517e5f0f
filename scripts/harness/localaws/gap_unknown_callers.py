"""Gap: whoever reaches the port is the account's root.

Upstream: the keys of root are published (``test``, the account's id, none at all) and their signature is not checked;
paths for tests wipe everything or hand out messages and credentials; any ``Host`` is served; and a page of any origin
may read the answers (``Access-Control-Allow-Origin: *``). A page that its user merely looks at can so delete all
resources, or make a function that runs as them.

AWS: "Create a signed AWS API request", IAM User Guide: a request carries a signature by a secret that its owner alone
knows. Endpoints of services send no headers for pages of other origins, a bucket's and an API's own apart ("Using
cross-origin resource sharing (CORS)", Amazon S3 User Guide; "CORS for REST APIs in API Gateway").

Fill: before ministack sees a request, ``admission`` decides about its address and head, and ``signatures`` about its
signature. The keys of root are made at each start (``keys``). The data plane of APIs is open as on AWS, and leads
nowhere else. Headers for pages are the APIs' own alone: stricter than AWS, a bucket's are not sent.
"""

import os
import uuid
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ministack import app as ministack
from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import AuthError
from ministack.core.router import detect_service
from ministack.services import sts

from harness.localaws import signatures
from harness.localaws.admission import MOST_UNSIGNED_BYTES, Head, Refused, Way, admit, may_sign_in, signs_in
from harness.localaws.patching import replaces, wraps

_FOR_PAGES = b"access-control-"
# What is turned away has its body left unread, and the connection ends with it: clients must not ask there again.
_LAST = {"Connection": "close"}
_CONNECTIONS = "/@connections/"  # of WebSocket APIs, by which their owner writes to clients
_api_only: ContextVar[bool] = ContextVar("api_only", default=False)


def _names() -> frozenset[str]:
    """List by what ``Host`` this server is called; functions may call it through a proxy, which keeps theirs."""
    port, proxy = os.environ["GATEWAY_PORT"], urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).netloc
    return frozenset({f"127.0.0.1:{port}", f"localhost:{port}", proxy.lower()} - {""})


def _head(scope: Any) -> Head:
    def values(name: bytes) -> list[str]:
        return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]

    def one(name: bytes) -> str | None:
        return ",".join(found) if (found := values(name)) else None

    [host] = found if len(found := values(b"host")) == 1 else [""]
    method = scope.get("method", "GET")
    return Head(scope["type"], method, scope["path"], host, one(b"origin"), one(b"sec-fetch-site"))


def _without_headers_for_pages(send: Any) -> Any:
    async def sent(message: Any) -> None:
        if "headers" in message:
            kept = [line for line in message["headers"] if not line[0].lower().startswith(_FOR_PAGES)]
            message = {**message, "headers": kept}
        await send(message)

    return sent


async def _body(receive: Any, most: int | None) -> bytes | None:
    """Read the body of a request; None when it is cut off, or has more than so many bytes."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        if most is not None and sum(map(len, parts)) > most:
            return None
    return b"".join(parts)


def _again(body: bytes, receive: Any) -> Any:
    """Give a body that has been read to the next reader."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Any:
        return waiting.pop() if waiting else await receive()

    return received


async def _signed(scope: Any, receive: Any) -> Any:
    """Check who sent a request; return what gives its body to the next reader, or a failure."""
    request = signatures.request_of(scope)
    claimed = signatures.claim(request)
    if isinstance(claimed, AuthError):
        return await _signing_in(request, scope, receive) or claimed
    if (body := await _body(receive, None)) is None:
        return AuthError("IncompleteBody", "The request body is cut off")
    return signatures.failure(request, claimed, body) or _again(body, receive)


async def _signing_in(request: signatures.Request, scope: Any, receive: Any) -> Any:
    """Take the one call that needs no signature; None for every other."""
    query = scope["query_string"].decode("latin-1")
    if not may_sign_in(request.method, scope["path"], query, frozenset(request.headers)):
        return None
    body = await _body(receive, MOST_UNSIGNED_BYTES)
    if body is None or not signs_in(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)):
        return None
    return _again(body, receive)


async def _turn_away(scope: Any, refused: Refused, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    words = f"{refused.reason}\n".encode()
    await ministack._send_response(send, 403, {"Content-Type": "text/plain; charset=utf-8", **_LAST}, words)


async def _refuse(scope: Any, failure: AuthError, send: Any) -> None:
    """Answer in the words of the AWS service that is asked."""
    request = signatures.request_of(scope)
    service = detect_service(request.method, scope["path"], dict(request.headers), dict(request.query))
    asked = (service, "", str(uuid.uuid4()), failure, dict(request.headers))
    status, headers, body = ministack._credential_failure(*asked)
    await ministack._send_response(send, status, headers | _LAST, body)


def _patch_root() -> None:
    """Let root have one key, and its signature be checked as any other's."""

    def is_root_access_key(access_key_id: str) -> bool:
        # Without a key ministack itself asks; so do a job that signs in, and clients of an API, which it knows as such.
        return access_key_id in ("", os.environ["AWS_ACCESS_KEY_ID"])

    for module in (iam_evaluator, sts):
        replaces(module, "is_root_access_key")(is_root_access_key)

    @replaces(iam_evaluator, "_is_root_key")
    def _is_root_key(_: str) -> bool:
        return False


def _patch_data_plane() -> None:
    """Let a request to an API reach the API alone: hosts and paths have other readers, too."""
    for name in ("_handle_pre_body_request", "_handle_post_body_shortcuts"):

        @wraps(ministack, name)
        async def _unless_for_an_api(handle: Any, *arguments: Any) -> Any:
            return None if _api_only.get() else await handle(*arguments)

    @wraps(ministack, "_handle_special_data_plane_request")
    async def _handle_special_data_plane_request(
        handle: Any, method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str, **raw: Any
    ) -> Any:
        if not _api_only.get():
            return await handle(method, path, headers, body, query, request_id, **raw)
        host, texts = headers.get("host", ""), {name: raw[name] for name in ("raw_path", "raw_query_string")}
        answer = None
        if _CONNECTIONS not in f"{path}/":
            answer = await ministack._handle_execute_api_request(host, path, method, headers, body, query, **texts)
        answer = answer or (403, {"Content-Type": "application/json"}, b'{"message":"Forbidden"}')
        return ministack._with_data_plane_headers(answer, request_id, wildcard_cors=False)


async def _serve_api(serve: Any, scope: Any, receive: Any, send: Any) -> None:
    token = _api_only.set(True)
    try:
        await serve(scope, receive, send)
    finally:
        _api_only.reset(token)


def _patch_arrival() -> None:
    names = _names()

    @wraps(ministack, "app")
    async def app(serve: Any, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await serve(scope, receive, send)
            return
        way = admit(_head(scope), names)
        if isinstance(way, Refused):
            await _turn_away(scope, way, send)
        elif way is Way.API:
            await _serve_api(serve, scope, receive, send)
        else:
            given = receive if way is Way.HEALTH else await _signed(scope, receive)
            answer = _without_headers_for_pages(send)
            await (_refuse(scope, given, answer) if isinstance(given, AuthError) else serve(scope, given, answer))


def install() -> None:
    """Wrap ministack's ASGI application, after every other fill: none of them sees a request that is not let in."""
    _patch_root()
    _patch_data_plane()
    _patch_arrival()
