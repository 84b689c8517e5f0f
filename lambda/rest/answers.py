"""Responses as API Gateway's proxy integration takes them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Answer = dict[str, Any]
"""A response as API Gateway's proxy integration takes it."""


def json_answer(status: int, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a JSON document, of type application/json unless a header says otherwise.

    Raises:
        ValueError: the document holds NaN or an infinite number.
        TypeError: it holds something that is no JSON.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text_answer(status, text, {"Content-Type": "application/json", **(headers or {})})


def text_answer(status: int, text: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a text as it is, by default none."""
    several = {name: [value] for name, value in (headers or {}).items()}
    return {"statusCode": status, "multiValueHeaders": several, "body": text, "isBase64Encoded": False}


def checked(answer: object) -> Answer:
    """Return what a function answered, once the gateway can take it.

    Raises:
        TypeError: it is no answer, or lacks a part.
        ValueError: it holds half a surrogate pair, or a number that is no JSON.
    """
    parts = {"statusCode": int, "multiValueHeaders": dict, "body": str}
    if not isinstance(answer, dict):
        raise TypeError(f"a function returned {type(answer).__name__}, not an answer: use rest.answers")
    if wrong := [name for name, kind in parts.items() if not isinstance(answer.get(name), kind)]:
        raise TypeError(f"a function's answer lacks {', '.join(wrong)}: use rest.answers")
    json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    return answer
