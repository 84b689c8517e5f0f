"""Tokens as GitHub's jobs get them, signed as a local AWS asks for it."""

from __future__ import annotations

import base64
import json
from typing import Any

from harness.localaws import control
from harness.localaws.control import LocalAws
from harness.localaws.tokens import signature

ISSUER = "token.actions.githubusercontent.com"
_ENDLESS = 4_102_444_800  # 2100-01-01: no test turns red because a day passed


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def token(local: LocalAws, **claims: Any) -> str:
    """Return a token for a local AWS, with these claims beside those that each one has; ``sub`` is the job's."""
    content = {"iss": f"https://{ISSUER}", "aud": "sts.amazonaws.com", "iat": 0, "exp": _ENDLESS, **claims}
    text = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(content)}"
    return f"{text}.{signature(text, control.environment(local)['AWS_SECRET_ACCESS_KEY'])}"
