"""Read API Gateway's proxy event (REST, payload 1.0). Pure.

Parameters stay apart by location, so that none can pass for another: a query parameter is never taken for the path's
or for a header. The path arrives percent-encoded, as the client sent it; it is decoded here, once, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from rest.problems import Code, Problem

Event = Mapping[str, Any]
Given = Mapping[str, Mapping[str, str]]
"""Location (``path``, ``query``, ``header``) -> name -> text."""

REPLACEMENT: Final = "\ufffd"
"""Stands, in what the gateway has decoded, for bytes that were no UTF-8."""


_SHOWN: Final = re.compile(r"[A-Za-z0-9_.\[\]-]{1,64}")


def named(kind: str, name: str) -> str | None:
    """Name something that the client made up; None when the name could be more than a name, so that nothing else of a
    request is ever repeated."""
    return f"{kind} {name}" if _SHOWN.fullmatch(name) else None


def route(event: Event) -> tuple[str, str]:
    """Read method and resource (``/orders/{id}``): the gateway has matched the path, nobody matches it again."""
    return event["httpMethod"], event["resource"]


def parameters(event: Event, header_names: Iterable[str]) -> Given:
    """Read the parameters by location: all of the path and of the query string, and the named headers.

    Args:
        event: the proxy event.
        header_names: spelled as the result shall spell them; case does not matter.

    Raises:
        Problem: ``invalid_parameter`` when one is given twice or is not UTF-8.
    """
    path, query, found = event["pathParameters"] or {}, event["multiValueQueryStringParameters"] or {}, headers(event)
    return {
        "path": {name: _decoded(name, value) for name, value in path.items()},
        "query": {name: _only("query", name, values) for name, values in query.items()},
        "header": {name: _only("header", name, found[name.lower()]) for name in header_names if name.lower() in found},
    }


def headers(event: Event) -> dict[str, list[str]]:
    """Read all headers: name in lower case -> values, in the order given."""
    found: dict[str, list[str]] = {}
    for name, values in (event["multiValueHeaders"] or {}).items():
        found.setdefault(name.lower(), []).extend(values)
    return found


def caller(event: Event) -> str:
    """Read the id of the API key that was used, empty where none is asked for. The id, never the key."""
    return event["requestContext"]["identity"].get("apiKeyId") or ""


def _decoded(name: str, value: str) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise _refused("path", name, "must be UTF-8.") from None


def _only(location: str, name: str, values: list[str]) -> str:
    if len(values) != 1:
        raise _refused(location, name, "may be given once.")
    if REPLACEMENT in values[0]:
        raise _refused(location, name, "must be UTF-8.")
    return values[0]


def _refused(location: str, name: str, rule: str) -> Problem:
    return Problem(
        Code.INVALID_PARAMETER, rule, subject=named(f"{location} parameter", name) or f"A {location} parameter"
    )
