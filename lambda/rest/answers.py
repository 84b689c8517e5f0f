"""Responses as API Gateway's proxy integration takes them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Answer = dict[str, Any]
"""A response as API Gateway's proxy integration takes it."""


def json_answer(status: int, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a JSON document, of type application/json unless a header says otherwise."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text_answer(status, text, {"Content-Type": "application/json", **(headers or {})})


def text_answer(status: int, text: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a text as it is, by default none."""
    several = {name: [value] for name, value in (headers or {}).items()}
    return {"statusCode": status, "multiValueHeaders": several, "body": text, "isBase64Encoded": False}
