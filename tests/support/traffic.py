"""Many requests at once, on connections that stay open, and what came of them."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import urllib3
from tests.support.deployed import Deployed

_PATIENCE_TRIES = 60
_POOL = urllib3.PoolManager(maxsize=64, retries=False, timeout=60)


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        status: HTTP status.
        headers: names in lower case.
        data: body.
        at: monotonic seconds when it was there.
        seconds: how long it took.
    """

    status: int
    headers: dict[str, str]
    data: bytes
    at: float
    seconds: float

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.data)

    @property
    def code(self) -> str:
        """The problem's code, "" when it is none."""
        return str(self.json().get("code", "")) if self.headers.get("content-type", "").endswith("problem+json") else ""


def send(deployed: Deployed, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """Send a request as :func:`send_once` does; again, after the time it is told, while the throttle refuses it.

    An environment's methods share out its rate, so some take only a few requests a second.
    """
    for _ in range(_PATIENCE_TRIES):
        answer = send_once(deployed, method, path, body, **headers)
        if (answer.status, answer.code) != (429, "throttled"):
            break
        time.sleep(float(answer.headers["retry-after"]))
    return answer


def send_once(deployed: Deployed, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """Send one request with the environment's key; ``body`` as JSON, or as it is when it is bytes.

    A header's underscores are hyphens; names that differ in case are sent as so many lines.
    """
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = deployed.headers | ({"content-type": "application/json"} if data is not None else {})
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    started = time.monotonic()
    answer = _POOL.request(method, deployed.outputs["base_url"] + path, body=data, headers=sent)
    ended = time.monotonic()
    lower = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, lower, answer.data, ended, ended - started)


def at_once(count: int, request: Callable[[int], Answer], clients: int | None = None) -> list[Answer]:
    """Send ``count`` requests, ``clients`` at a time, all at once when None."""
    with ThreadPoolExecutor(clients or count) as pool:
        return list(pool.map(request, range(count)))


@dataclass
class Stream:
    """Requests that go on until somebody has seen enough.

    Attributes:
        request: makes one.
        clients: how many make them at a time.
        pause_seconds: of each client between two requests.
        stagger_seconds: between the starts of two clients.
        answers: all that came.
    """

    request: Callable[[], Any]
    clients: int = 4
    pause_seconds: float = 0.0
    stagger_seconds: float = 0.0
    answers: list[Any] = field(default_factory=list)
    _enough: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Stream:
        self._pool = ThreadPoolExecutor(self.clients)
        self._running = [self._pool.submit(self._go_on, number) for number in range(self.clients)]
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._pool.shutdown()
        for running in self._running:
            running.result()

    def _go_on(self, number: int) -> None:
        self._enough.wait(number * self.stagger_seconds)
        while not self._enough.is_set():
            self.answers.append(self.request())
            self._enough.wait(self.pause_seconds)


def statuses(answers: list[Answer]) -> dict[int, int]:
    """Count the answers by status."""
    return dict(sorted(Counter(answer.status for answer in answers).items()))
