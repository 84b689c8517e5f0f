"""Clients of a service who know its contract: requests as large as plain text may be, for items that are there."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.contract import document

_ITEM = "{id}"


@dataclass(frozen=True, slots=True)
class Request:
    """A request of an operation, as ``GET /health``; no body where it takes none."""

    operation: str
    path: str
    body: dict[str, str] | None
    headers: dict[str, str]

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return self.operation.split()[0]


@dataclass(slots=True)
class Clients:
    """All clients of one service.

    Attributes:
        service: its name.
        ids: of the items that are there, as :meth:`hear` was told of them.
    """

    service: str
    ids: list[str] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(1))
    _made: int = 0
    _contract: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Read the contract."""
        self._contract = document(self.service)

    def at_once(self, operations: Sequence[str]) -> list[Request]:
        """Make requests that may be under way together: nobody asks for what another deletes, or changes the same."""
        asked = [operation.partition(" ")[0] for operation in operations if _ITEM in operation]
        chosen = self._chance.sample(self.ids, asked.count("DELETE") + asked.count("PUT"))
        gone, changed = chosen[: asked.count("DELETE")], chosen[asked.count("DELETE") :]
        self.ids = [one for one in self.ids if one not in gone]
        return [self._request(operation, gone, changed) for operation in operations]

    def hear(self, request: Request, status: int, answer: Any) -> None:
        """Learn of the item that a request has made."""
        if request.method == "POST" and status == 201:
            self.ids.append(answer["id"])

    def _request(self, operation: str, gone: list[str], changed: list[str]) -> Request:
        self._made += 1
        method, path = operation.split()
        declared = self._contract["paths"][path][method.lower()]
        parameters = declared.get("parameters", ())
        query = "&".join(
            f"{one['name']}={self._chance.choice(one['schema']['enum'])}"
            for one in parameters
            if one.get("in") == "query" and "enum" in one["schema"] and self._made % 2
        )
        keyed = any(one.get("name") == "Idempotency-Key" for one in parameters)
        return Request(
            operation,
            (path.replace(_ITEM, self._chosen(method, gone, changed)) if _ITEM in path else path)
            + (f"?{query}" if query else ""),
            self._body(declared),
            {"Idempotency-Key": str(uuid.uuid4())} if keyed else {},
        )

    def _chosen(self, method: str, gone: list[str], changed: list[str]) -> str:
        left = {"DELETE": gone, "PUT": changed}.get(method)
        return self._chance.choice(self.ids) if left is None else left.pop()

    def _body(self, declared: dict[str, Any]) -> dict[str, str] | None:
        if "requestBody" not in declared:
            return None
        ((_, content),) = declared["requestBody"]["content"].items()
        schema = self._contract["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        return {
            name: self._chance.choice(found["enum"]) if "enum" in found else "x" * found["maxLength"]
            for name, found in schema["properties"].items()
            if "enum" in found or "maxLength" in found
        }
