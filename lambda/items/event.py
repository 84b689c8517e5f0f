"""What API Gateway's proxy event (REST, payload 1.0) says about a request. Pure.

Names are kept apart by location, so that a query parameter can never pass for a header.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from items.problems import Code, Problem

Event = Mapping[str, Any]
Given = dict[tuple[str, str], str]


def query(event: Event) -> Given:
    """All query parameters: ("query", name) -> text.

    Raises:
        Problem: ``invalid_parameter`` when one is given twice.
    """
    several = event.get("multiValueQueryStringParameters") or _single(event.get("queryStringParameters"))
    return {("query", name): _only(name, values) for name, values in several.items()}


def headers(event: Event, names: Iterable[str]) -> Given:
    """Those of the named headers that are there: ("header", name as asked for) -> text; case does not matter.

    Raises:
        Problem: ``invalid_parameter`` when one is given twice.
    """
    several = event.get("multiValueHeaders") or _single(event.get("headers"))
    folded: dict[str, list[str]] = {}
    for name, values in several.items():
        folded.setdefault(name.lower(), []).extend(values)
    return {("header", name): _only(name, folded[name.lower()]) for name in names if name.lower() in folded}


def caller(event: Event) -> str:
    """The id of the API key that was used, empty where none is asked for. The id, never the key."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    return identity.get("apiKeyId") or ""


def _single(values: Mapping[str, str] | None) -> dict[str, list[str]]:
    return {name: [value] for name, value in (values or {}).items()}


def _only(name: str, values: list[str]) -> str:
    if len(values) != 1:
        raise Problem(Code.INVALID_PARAMETER, f"{name}: may be given once.")
    return values[0]
