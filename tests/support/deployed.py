"""A deployed environment, as local tests see it, and one request to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import urllib3


class Secret(str):
    """A text that no failing test prints."""

    def __repr__(self) -> str:
        return "'(secret)'"


def read_outputs(printed: str) -> dict[str, Any]:
    """What ``make -s outputs REVEAL=1`` prints, the API key as one that is not printed again."""
    outputs: dict[str, Any] = json.loads(printed)
    return outputs | {"api_key": Secret(outputs["api_key"])}


@dataclass(frozen=True)
class Deployed:
    """An environment on the session's local AWS.

    Attributes:
        environment: ``dev`` or ``prod``.
        printed: what ``make up`` printed, both streams.
        outputs: what ``make -s outputs REVEAL=1`` prints.
    """

    environment: str
    printed: str
    outputs: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        """The API key header, where one is needed."""
        return {"x-api-key": self.outputs["api_key"]} if self.outputs["api_key_required"] else {}


def call(deployed: Deployed, method: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
    """Send one request with the environment's key; ``body`` as JSON, or as it is when it is bytes."""
    data = body if isinstance(body, bytes) else (json.dumps(body).encode() if body is not None else None)
    sent = (
        {**deployed.headers, "content-type": "application/json", **headers} if data else {**deployed.headers, **headers}
    )
    url = deployed.outputs["base_url"] + path
    return urllib3.request(method, url, body=data, headers=sent, retries=False, timeout=40)
