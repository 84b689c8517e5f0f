"""HTTP requests written byte by byte, for what no client library would send."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

_SECONDS = 60


@dataclass(frozen=True)
class Response:
    """An HTTP response; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def send_bytes(url: str, request: bytes) -> Response | None:
    """Send bytes to the host of ``url`` on a connection of their own; None when it is closed without an answer."""
    parts = urlsplit(url)
    with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=_SECONDS) as connection:
        try:
            connection.sendall(request)
            with HTTPResponse(connection) as answer:
                answer.begin()
                headers = {name.lower(): value for name, value in answer.getheaders()}
                return Response(answer.status, headers, answer.read())
        except (HTTPException, ConnectionError):
            return None


def request_bytes(
    url: str, method: str, target: str, headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
) -> bytes:
    """Write a request for ``target`` below the path of ``url``, exactly as given."""
    parts = urlsplit(url)
    lines = [f"{method} {parts.path}{target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
