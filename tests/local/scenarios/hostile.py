"""Requests that nobody well-meaning sends, made up at random from a seed, and what may be answered to each."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema
from tests.support.contract import document
from tests.support.raw_http import Response

LIMIT_BYTES = 10_240
"""API Gateway quotas: "Total combined size of request line and header values"."""
NO_ROUTE = "route_not_found"

METHODS = ("GET", "PUT", "DELETE", "POST", "PATCH", "OPTIONS", "BREW", "get")
SEGMENTS = (
    "%2F", "a%2Fb", "%00", "a%00", "%0A", "aaa%0A", "%0d%0aX-Injected:%20y", "%ED%A0%80", "%FF", "%", "%zz",
    "%2e%2e", "..", ".", "%20", "+", "a;b=1", "%22", '"quoted"', "<b>", "%C3%A9", "idem%23x", "x" * 64, "x" * 65,
    "x" * 3000, "a%252Fb", "null", "$context.requestId", "{id}", "*", "~", "a%3Fid=b", "a%26id=b",
)  # fmt: skip
QUERIES = (
    "", "", "", "id={kept}", "id={kept}&id=x", "ID={kept}", "%69d={kept}", "limit=1", "limit=1&limit=2", "limit=0",
    "limit=", "limit", "limit=%31", "limit=1e1", "limit=٣", "limit=1;status=active", "status=active",
    "status=gone", "status[]=active", "status=active&status=active", "cursor={cursor}",
    "cursor={cursor}&status=archived", "cursor={cursor}x", "cursor=", "=", "&&", "If-Match=*", "Idempotency-Key=k",
    "%00=1", "%ED%A0%80=1", "limit=%ED%A0%80", "a" * 2000, "callback=x", "#frag",
)  # fmt: skip
HEADERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (), (), (("Idempotency-Key", "k"),), (("Idempotency-Key", "a b"),), (("Idempotency-Key", "x" * 129),),
    (("Idempotency-Key", ""),), (("idempotency-key", "k"), ("Idempotency-Key", "l")), (("If-Match", "*"),),
    (("If-Match", '"1-00000000"'),), (("If-Match", "1"),), (("If-Match", '"1", "2"'),),
    (("if-match", "*"), ("If-Match", "*")), (("If-Match", '"99999999999999999-00000000"'),), (("id", "{kept}"),),
    (("X-HTTP-Method-Override", "DELETE"),), (("X-Forwarded-For", "10.0.0.1"),), (("X-Original-URL", "/items"),),
    (("X-Padding", "x" * 9000),), (("X-Padding", "x" * 12_000),), (("Accept", "text/html"),),
    (("Accept-Encoding", "gzip, br"),), (("Cookie", "id={kept}"),), (("Authorization", "Basic x"),),
    (("X-Amz-Date", "now"),), (("Referer", "javascript:x"),),
)  # fmt: skip
TYPES = ("application/json",) * 6 + (
    "application/json; charset=utf-8", "application/json; charset=utf-16", "text/plain",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
    "application/json, text/plain", "", "application/JSON",
)  # fmt: skip
BODIES = (
    b"", b"{}", b"{", b"[]", b"null", b"1", b'"text"', b'{"name": "n"}', b'{"name": "n", "id": "{kept}"}',
    b'{"name": "n", "name": "m"}', b'{"name": ""}', b'{"name": 5}', b'{"name": null}', b'{"name": "\xed\xa0\x80"}',
    b'{"name": "\xff"}', b'{"name": "\\ud800"}', b'{"name": "\\u0000"}', b'{"name": "n", "status": "gone"}',
    b'{"name": "n", "version": 7}', b'{"name": "n", "__proto__": {}}', b'{"name": NaN}', b"\xef\xbb\xbf{}",
    b"[" * 3000, b'{"a":' * 500 + b"1" + b"}" * 500, b'{"name": "n", "description": "' + b"x" * 4001 + b'"}',
    b'{"name": "' + b"y" * 200_000 + b'"}', b'{"name": "' + b"z" * 300_000 + b'"}', b"name=n&id={kept}",
    b"--x\r\n\r\nn\r\n--x--", b'{"name": "' + "\u202e\U0001f600".encode() + b'"}', b'{"name": 1e999}',
    b'{"id": "a/b", "name": "n"}', b"\x00", b"9" * 5000,
)  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """One request.

    Attributes:
        method: as sent.
        target: path and query below the stage, as sent.
        headers: as sent, without those every request has.
        body: as sent.
        broken: it is no HTTP, so the server may refuse it before any API sees it.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    broken: bool = False

    @property
    def oversized(self) -> bool:
        """Tell whether it is larger than the gateway takes."""
        return len(self.method) + len(self.target) + sum(len(value) for _, value in self.headers) > LIMIT_BYTES - 400


@dataclass(frozen=True)
class Aim:
    """The items and the cursor that requests aim at.

    Attributes:
        own: an item whose requests may change it.
        kept: an item that no path names.
        cursor: of the unfiltered list.
    """

    own: str
    kept: str
    cursor: str

    def filled(self, text: str) -> str:
        """Put the names into a text."""
        return text.replace("{kept}", self.kept).replace("{cursor}", self.cursor)


def make(choose: random.Random, aim: Aim) -> Hostile:
    """Make one request: an ordinary one of which one to three parts are hostile."""
    parts = set(choose.sample(("method", "path", "query", "headers", "body"), choose.choice((1, 1, 1, 2, 3))))
    method, path = choose.choice(ORDINARY)
    path = choose.choice(PATHS)(choose, aim) if "path" in parts else path.replace("{id}", aim.own)
    method = choose.choice(METHODS) if "method" in parts else method
    query = aim.filled(choose.choice(QUERIES)) if "query" in parts else ""
    found = choose.choice(HEADERS) if "headers" in parts else ()
    headers, body = tuple((name, aim.filled(value)) for name, value in found), b""
    if method in ("POST", "PUT", "PATCH") or choose.random() < 0.05:
        given = (
            choose.choice(BODIES)
            if "body" in parts
            else choose.choice((b'{"name": "n"}', b'{"name": "n", "id": "{own}"}'))
        )
        body = given.replace(b"{kept}", aim.kept.encode()).replace(b"{own}", aim.own.encode())
        kind = choose.choice(TYPES) if "body" in parts else TYPES[0]
        headers += (("Content-Type", kind),) if kind else ()
    target = path + (f"?{query}" if query else "")
    return Hostile(method, target, headers, body, broken=_is_no_http(method, target, headers))


def _item(choose: random.Random, aim: Aim) -> str:
    return choose.choice((aim.own, aim.own, *SEGMENTS))


ORDINARY = (
    ("GET", "/items/{id}"),
    ("PUT", "/items/{id}"),
    ("DELETE", "/items/{id}"),
    ("POST", "/items"),
    ("GET", "/items"),
)
PATHS: tuple[Callable[[random.Random, Aim], str], ...] = (
    *(lambda choose, aim: f"/items/{_item(choose, aim)}",) * 8,
    lambda choose, aim: choose.choice(
        ("/items/", "//items", "/items//", "/health", "/health/", "/", "", "/ITEMS", "/%69tems")
    ),
    lambda choose, aim: f"//items/{aim.own}",
    lambda choose, aim: f"/items//{aim.own}",
    lambda choose, aim: f"/items/{aim.own}/",
    lambda choose, aim: f"/items/{_item(choose, aim)}/{_item(choose, aim)}",
    lambda choose, aim: f"/items/../items/{aim.own}",
    lambda choose, aim: f"/./items/{aim.own}",
    lambda choose, aim: f"/nowhere/{_item(choose, aim)}",
)


def _is_no_http(method: str, target: str, headers: tuple[tuple[str, str], ...]) -> bool:
    """Bytes that a request line may not hold (RFC 9112, 3): the server refuses them, on AWS as here."""
    text = "".join((method, target, *(value for _, value in headers)))
    return not text.isascii() or not method.isupper() or any(ord(letter) < 0x20 for letter in text) or " " in target


# --- what may be answered


@dataclass
class Judge:
    """Says what is wrong with an answer. A status, a body or a header that the contract does not name is.

    Attributes:
        codes: problem code -> how often it was answered; statuses without a code under their number.
    """

    contract: Mapping[str, Any] = field(default_factory=lambda: document("items"))
    codes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the problem document's schema."""
        schema = {"$ref": "#/components/schemas/Problem", "components": self.contract["components"]}
        self.problem = jsonschema.Draft4Validator(schema)

    def complaint(self, request: Hostile, response: Response | None) -> str:
        """Say what is undocumented about the answer, "" when nothing is."""
        if request.broken and (response is None or response.status in (400, 413, 431)):
            return self._count("no HTTP")
        if response is None:
            return "no answer"
        if response.status == 413 and request.oversized:
            return self._count("larger than the gateway takes")
        documented = self._documented(request)
        if str(response.status) not in documented:
            return f"{response.status} is not one of {sorted(documented)}: {response.body[:200]!r}"
        if response.status >= 400:
            return self._refusal(response)
        return self._count(str(response.status))

    def _documented(self, request: Hostile) -> set[str]:
        segments = [one for one in request.target.partition("?")[0].split("/") if one]
        for path, methods in self.contract["paths"].items():
            wanted = path.strip("/").split("/")
            if len(wanted) == len(segments) and all(
                one.startswith("{") or one == other for one, other in zip(wanted, segments, strict=True)
            ):
                return set(methods.get(request.method.lower(), {}).get("responses", {"404": None}))
        return {"404"}

    def _refusal(self, response: Response) -> str:
        if not response.headers.get("content-type", "").startswith("application/problem+json"):
            return f"{response.status} without a problem document: {response.body[:200]!r}"
        told = json.loads(response.body)
        wrong = [error.message for error in self.problem.iter_errors(told)]
        if told["status"] != response.status or response.status >= 500:
            wrong.append(f"{response.status} with {told}")
        if not told["type"].endswith(told["code"]) or told["request_id"] != response.headers.get("x-amzn-requestid"):
            wrong.append(f"type or request id of {told}, {response.headers}")
        return "; ".join(wrong) or self._count(told["code"])

    def _count(self, name: str) -> str:
        self.codes[name] = self.codes.get(name, 0) + 1
        return ""
