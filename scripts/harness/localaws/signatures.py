"""Check the signature of a request to the local AWS with the secret of its key: root's, a user's or a session's.

Version 4 with a symmetric key is the one that SDKs, Terraform and the command line use; nothing else is taken. Signing
itself is ministack's ("Create a signed AWS API request", IAM User Guide).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_evaluator, responses, router, sigv4
from ministack.core.iam_evaluator import AuthError

_HEADER = "AWS4-HMAC-SHA256 "
_IN_ADDRESS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-Expires")
_OLDER = ("AWSAccessKeyId", "Signature")
_MOST_SECONDS = 604_800  # "X-Amz-Expires": seven days
_MISSING = AuthError("MissingAuthenticationToken", "Missing Authentication Token")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came.

    Attributes:
        path: as it stands in the request line, in escapes.
        headers: names in lower case; values of a repeated one are joined by a comma, as they are signed.
        lines: number of lines of the header ``authorization``.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    lines: int


def request_of(scope: Mapping[str, Any]) -> Request:
    """Read a request of an ASGI server."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1").lower(), sigv4.decode_header_value(value)
        headers[name] = f"{headers[name]},{text}" if name in headers else text
    lines = sum(name.lower() == b"authorization" for name, _ in scope["headers"])
    query = parse_qs(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
    return Request(scope["method"], scope["raw_path"].decode("latin-1"), query, headers, lines)


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature that is yet to be checked, and the secret to check it with."""

    signature: sigv4.HeaderSignature
    secret: str
    presigned: bool


def claim(request: Request) -> Claim | AuthError:
    """Read who says to have signed a request, and when; a failure when that cannot be, whatever the signature."""
    given = {name.lower() for name in request.query}
    presigned = "authorization" not in request.headers
    if request.lines > 1 or given & {name.lower() for name in _OLDER}:
        return AuthError("UnsupportedSignature", "The request signature does not conform to AWS standards.")
    found = _in_address(request, given) if presigned else _in_header(request, given)
    if isinstance(found, AuthError):
        return found
    one_key = router.extract_access_key_id(request.headers, request.query) == found.access_key_id
    if not one_key or not found.signature.isascii():
        return _MISSING
    if _steering(request.headers) - set(found.signed_headers.split(";")):
        return AuthError("AccessDenied", "There were headers present in the request which were not signed")
    secret = _secret(found.access_key_id, _token(request, presigned))
    return secret if isinstance(secret, AuthError) else Claim(found, secret, presigned)


def failure(request: Request, claimed: Claim, body: bytes) -> AuthError | None:
    """Check a signature; None when it is right for this request and this body."""
    if claimed.presigned and body and request.method == "POST":
        return _MISSING  # an address says all of what is asked for; what is posted to it would say more
    given = request.headers.get("x-amz-content-sha256", "")
    if _HASH.fullmatch(given) and given != hashlib.sha256(body).hexdigest():
        return AuthError("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match")
    wrong = sigv4.header_signature_failure(
        claimed.signature, claimed.secret, request.method, request.path, request.query, request.headers, body,
        presigned=claimed.presigned,
    )  # fmt: skip
    return AuthError(*wrong) if wrong else None


def _in_header(request: Request, given: set[str]) -> sigv4.HeaderSignature | AuthError:
    if not request.headers["authorization"].startswith(_HEADER) or given & {name.lower() for name in _IN_ADDRESS}:
        return _MISSING
    found = sigv4.parse_header_signature(request.headers)
    if isinstance(found, tuple):
        return AuthError(*found)
    if "host" not in found.signed_headers.split(";") or sigv4._amz_datetime(found.amz_date) is None:
        return AuthError("IncompleteSignature", "The request does not sign its host and a date")
    late = sigv4.request_time_failure(found)
    return AuthError(*late) if late else found


def _in_address(request: Request, given: set[str]) -> sigv4.HeaderSignature | AuthError:
    if any(len(request.query.get(name, ())) != 1 for name in _IN_ADDRESS) or len(given) != len(request.query):
        return _MISSING
    algorithm, expires = request.query["X-Amz-Algorithm"][0], request.query["X-Amz-Expires"][0]
    found = sigv4.parse_query_signature(request.query)
    if isinstance(found, tuple):
        return AuthError(*found)
    if algorithm != _HEADER.strip() or "host" not in found.signed_headers.split(";"):
        return _MISSING
    return found if _in_time(found.amz_date, expires) else AuthError("RequestExpired", "Request has expired")


def _in_time(date: str, expires: str) -> bool:
    if sigv4._amz_datetime(date) is None or not (expires.isascii() and expires.isdigit()):
        return False
    try:
        return int(expires) <= _MOST_SECONDS and not sigv4.presigned_request_is_expired(date, expires)
    except (OverflowError, ValueError):  # a date at the end of all dates, a number of thousands of digits
        return False


def _steering(headers: Mapping[str, str]) -> set[str]:
    """List the headers that say what is done: "Create a signed AWS API request" asks for each of them to be signed."""
    return {name for name in headers if name.startswith("x-amz-")}


def _token(request: Request, presigned: bool) -> str:
    if presigned:
        return str(next(iter(request.query.get("X-Amz-Security-Token", ())), ""))
    return request.headers.get("x-amz-security-token", "")


def _secret(key: str, token: str) -> str | AuthError:
    """Find the secret of a key that is in force."""
    owner = responses._account_from_sts_session(key) or iam_evaluator.find_iam_access_key_account(key)
    found = iam_evaluator.resolve_credential(key, owner or responses.get_account_id(), token)
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        return AuthError(found.code, found.message)
    return str(found.secret_access_key)
