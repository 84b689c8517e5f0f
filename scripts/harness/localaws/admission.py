"""Decide by address and head of a request if the local AWS looks at it, and what it has to prove. Denies by default.

A local AWS is reached by every program of its machine, and by every page that a browser on it shows. Its user's own
programs call it by one of its own names and sign with its keys. A page calls it with headers that say so (Fetch,
"Origin header"; Fetch Metadata Request Headers, "Sec-Fetch-Site"), or by a name of the page's own that leads here
(DNS rebinding). An API's data plane is as public as on AWS: there the API decides, also about pages.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

HEALTH = "/_ministack/health"
CODE = "/_ministack/lambda-code/"
"""Begins the addresses of functions' code, which carry a signature as AWS's do."""
MOST_UNSIGNED_BYTES = 65_536  # a token is a few thousand

_CLOSED = re.compile(r"/+(_ministack|_localstack|_aws|latest|v2/credentials)(/|$)", re.IGNORECASE)
_API_PATH = re.compile(r"/restapis/[^/]+/[^/]*/_user_request_(/|$)|/_aws/execute-api/[^/]+/")
_API_HOST = re.compile(r"[a-z0-9]+\.execute-api\.(localhost:\d+)")


# Headers by which a form is something else than what is read of it here.
_SAY_MORE = frozenset(
    {"authorization", "content-encoding", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-target",
     "x-amz-trailer"}
)  # fmt: skip


class Way(StrEnum):
    """Ways on which a request is let in."""

    API = "api"
    """To the data plane of an API, and nothing else."""
    HEALTH = "health"
    SIGNED = "signed"
    """With a valid signature, but for the one call by which a job signs in."""


@dataclass(frozen=True, slots=True)
class Head:
    """The part of a request that is known before its body.

    Attributes:
        kind: ``http`` or ``websocket``.
        path: decoded, without the query string.
        host: the one header of that name; empty when there is none, or more than one.
        origin: None when there is no such header.
        site: ``Sec-Fetch-Site``; None when there is no such header.
    """

    kind: str
    method: str
    path: str
    host: str
    origin: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that is not looked at.

    Attributes:
        reason: one line for its sender.
    """

    reason: str


def admit(head: Head, names: frozenset[str]) -> Way | Refused:
    """Decide about a request.

    Args:
        names: values of ``Host`` by which the local AWS is called, in lower case.
    """
    host = head.host.lower()
    api = _API_HOST.fullmatch(host)
    if not (host in names or (api and api[1] in names)):
        return Refused("the local AWS is called by another Host: use the address that make up tells")
    if head.kind != "http":
        return Refused("the local AWS opens no WebSocket")
    if api or _API_PATH.match(head.path):
        return Way.API
    if head.origin not in (None, f"http://{host}") or head.site not in (None, "none", "same-origin"):
        return Refused("the local AWS takes no request of another page (Origin, Sec-Fetch-Site)")
    if head.method == "GET" and head.path == HEALTH:
        return Way.HEALTH
    signed = head.method == "GET" and head.path.startswith(CODE)
    closed = _CLOSED.match(head.path) and not signed
    return Refused("this path of the local AWS is closed") if closed else Way.SIGNED


def may_sign_in(method: str, path: str, query: str, names: frozenset[str]) -> bool:
    """Tell if an unsigned request may be the call by which a job signs in with its token.

    Args:
        query: its query string.
        names: names of its headers, in lower case.
    """
    return (method, path, query) == ("POST", "/", "") and not names & _SAY_MORE


def signs_in(form: Mapping[str, Sequence[str]]) -> bool:
    """Tell if a form is the one of that call, and can be taken for no other."""
    return list(form.get("Action", ())) == ["AssumeRoleWithWebIdentity"]
