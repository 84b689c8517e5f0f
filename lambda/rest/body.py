"""From a request's raw body to a JSON value. Strict, so that what is stored is exactly what was meant;
pure."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Final, NoReturn

from rest.event import REPLACEMENT
from rest.problems import Code, Problem

BODY_MAX_BYTES: Final = 256 * 1024
"""The largest body that is read: far below what Lambda takes, and below DynamoDB's 400 KB for one record."""


def read_json(body: str | None, is_base64: bool, content_type: str | None) -> object:
    """Parse a JSON body.

    Args:
        body: as API Gateway hands it over, None when there is none. Where the client's bytes were no UTF-8 the gateway
            has put U+FFFD, so that character is taken from a client only as an escape.
        is_base64: whether it is base64 of the real one.
        content_type: the header's value.

    Raises:
        Problem: ``unsupported_media_type``, ``body_too_large`` or ``invalid_body``.
    """
    if not body:
        raise Problem(Code.INVALID_BODY, "A JSON body is required.")
    _check_media_type(content_type)
    text = _text(body, is_base64)
    if REPLACEMENT in text and not is_base64:
        raise Problem(Code.INVALID_BODY, r"The body is not valid UTF-8 (write the character U+FFFD as \ufffd).")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_number)
        _refuse_surrogates(value)
    except RecursionError:
        raise Problem(Code.INVALID_BODY, "The body is nested too deeply.") from None
    except ValueError:
        raise Problem(Code.INVALID_BODY, "The body is not valid JSON.") from None
    return value


def _check_media_type(content_type: str | None) -> None:
    """Only application/json, in UTF-8 as RFC 8259 has it; other parameters do not matter."""
    media_type, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    pairs = [part.partition("=") for part in parameters]
    charsets = {value.strip().strip('"') for name, _, value in pairs if name.strip() == "charset"}
    if media_type != "application/json" or charsets - {"utf-8"}:
        raise Problem(Code.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json in UTF-8.")


def _text(body: str, is_base64: bool) -> str:
    """The body as text, after its size is known to be bearable (base64 is four thirds of what it holds)."""
    too_large = Problem(Code.BODY_TOO_LARGE, f"The body may have {BODY_MAX_BYTES} bytes at most.")
    if len(body) > (BODY_MAX_BYTES * 4 // 3 + 4 if is_base64 else BODY_MAX_BYTES):
        raise too_large
    try:
        raw = base64.b64decode(body, validate=True) if is_base64 else body.encode()
        text = raw.decode()
    except (binascii.Error, ValueError):
        raise Problem(Code.INVALID_BODY, "The body is not valid UTF-8.") from None
    if len(raw) > BODY_MAX_BYTES:
        raise too_large
    return text


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object; which of two equal keys counts would be a guess, so there may be only one."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Problem(Code.INVALID_BODY, "An object in the body has the same key twice.")
    return value


def _number(text: str) -> float:
    """Read a fraction; one too large for a float would become infinite."""
    if math.isinf(value := float(text)):
        raise Problem(Code.INVALID_BODY, "A number in the body is too large.")
    return value


def _constant(_: str) -> NoReturn:
    raise Problem(Code.INVALID_BODY, "NaN and Infinity are not JSON.")


def _refuse_surrogates(value: object) -> None:
    r"""An escape such as ``\ud800`` alone is valid JSON grammar, but no text, and cannot be stored as
    UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Problem(Code.INVALID_BODY, "A text in the body has half a surrogate pair in it.") from None
