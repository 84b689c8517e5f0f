"""Requests a deployed API must answer: the smoke steps of every service, and a route that none of them has."""

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import urllib3

from harness.facts.script import Request, Script

_TIMEOUT = urllib3.Timeout(connect=5, read=35)  # API Gateway itself gives up after 29 s
_NOT_SENT = 0
_TOO_MANY = 429
_TRIES = 5
_MOST_PATIENCE_SECONDS = 5  # the throttle asks for one second, a used-up quota for an hour
_NOWHERE = "/nowhere"
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, body as JSON (``None`` when empty or not JSON) and headers."""

    status: int
    body: object
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One request and whether it was answered as the contract says.

    Attributes:
        service: whose step; empty for the API's own.
        seen: the status that came; 0 when it could not be sent, as an earlier answer lacked what its path needs.
    """

    service: str
    name: str
    expected: int
    seen: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Tell whether the answer was the expected one."""
        return self.expected == self.seen

    @property
    def title(self) -> str:
        """Name for a person."""
        return f"{self.service}: {self.name}" if self.service else self.name


@dataclass
class Api:
    """A client of one deployed API."""

    base_url: str
    api_key: str = field(repr=False)
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(timeout=_TIMEOUT, retries=False))

    def call(self, method: str, path: str, *, key: bool = True) -> Reply:
        """Send one request without a body.

        Raises:
            urllib3.exceptions.HTTPError: no answer came.
        """
        return self._send(method, path, None, {}, key=key)

    def send(self, request: Request, kept: Mapping[str, str], **headers: str) -> Reply:
        """Send a step, its path filled with what was kept.

        Raises:
            urllib3.exceptions.HTTPError: no answer came.
        """
        if request.body is not None:
            headers["content-type"] = request.content_type
        key = not request.without_key and not request.open
        return self._send(request.method, filled(request.path, kept), request.body, headers, key=key)

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str], *, key: bool) -> Reply:
        if key and self.api_key:
            headers["x-api-key"] = self.api_key
        data = body.encode() if body is not None else None
        for tries_left in reversed(range(_TRIES)):
            answer = self.pool.request(method, self.base_url + path, body=data, headers=headers)
            patience = _patience(answer)
            if patience is None or not tries_left:
                break
            time.sleep(patience)
        try:
            parsed = json.loads(answer.data)
        except ValueError:
            parsed = None
        return Reply(answer.status, parsed, answer.headers)


def _patience(answer: urllib3.BaseHTTPResponse) -> float | None:
    """Say how many seconds to wait before the same request is sent again; ``None``: this answer is the one to keep."""
    asked = answer.headers.get("retry-after", "")
    if answer.status != _TOO_MANY or not asked.isdigit() or int(asked) > _MOST_PATIENCE_SECONDS:
        return None
    return int(asked)


def run_smoke(base_url: str, api_key: str, services: Sequence[Script]) -> list[Step]:
    """Send the smoke steps of every service, and one request to a route that no service has.

    Raises:
        urllib3.exceptions.HTTPError: the API cannot be reached; what was made is cleaned up as far as it answers.
    """
    api, steps = Api(base_url, api_key), []
    for script in services:
        steps += _run(api, script)
    nowhere = unknown_path(services)
    if nowhere:
        started = time.monotonic()
        seen = api.call("GET", nowhere).status
        steps.append(Step("", "unknown route", 404, seen, _since(started)))
    return steps


def filled(path: str, kept: Mapping[str, str]) -> str:
    """Return a path with every ``{name}`` replaced by what was kept, percent-encoded."""
    for name, value in kept.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def kept_of(request: Request, reply: Reply) -> dict[str, str]:
    """Return what a step keeps of its answer; a field that the answer lacks is left out."""
    body = reply.body if isinstance(reply.body, dict) else {}
    return {name: _text(body[of]) for name, of in request.keep.items() if isinstance(body.get(of), str | int | float)}


def unknown_path(services: Sequence[Script]) -> str:
    """Return a path that no contract has; empty where every path is one's."""
    tries = (_NOWHERE * depth for depth in range(1, _DEEPEST))
    return next((path for path in tries if not any(script.has(path) for script in services)), "")


def _run(api: Api, script: Script) -> list[Step]:
    kept: dict[str, str] = {}
    steps: list[Step] = []
    todo = [one for one in script.requests if api.api_key or not one.without_key]
    try:
        while todo:
            steps.append(_step(api, script.service, todo.pop(0), kept))
    except urllib3.exceptions.HTTPError:
        for request in todo:
            if request.cleanup:
                # The first failure is the one to tell.
                with contextlib.suppress(urllib3.exceptions.HTTPError):
                    _step(api, script.service, request, kept)
        raise
    return steps


def _step(api: Api, service: str, request: Request, kept: dict[str, str]) -> Step:
    if any(name not in kept for name in request.needs):
        return Step(service, request.name, request.status, _NOT_SENT, 0.0)
    started = time.monotonic()
    reply = api.send(request, kept)
    kept |= kept_of(request, reply)
    return Step(service, request.name, request.status, reply.status, _since(started))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
