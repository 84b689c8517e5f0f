"""A fault proxy between the functions and the session's local AWS; transparent until a test injects something.

Run as a program it serves microburst until the process that started it is gone, however that ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import urllib3

_START_SECONDS = 120.0
_POLL_SECONDS = 0.1


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass
class Faults:
    """Proxy that injects faults. Its address is known before it runs, because the local AWS has to be told first.

    Attributes:
        port: TCP port on 127.0.0.1.
    """

    port: int = field(default_factory=_free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Address that the functions call instead of AWS."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, upstream: Mapping[str, str]) -> None:
        """Serve in front of a local AWS, whose environment is given, and wait for the first answer."""
        arguments = [str(self.port), upstream["AWS_ENDPOINT_URL"], str(os.getpid())]
        self._process = subprocess.Popen([sys.executable, __file__, *arguments])
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self._control("GET", "health")
            except urllib3.exceptions.HTTPError:
                time.sleep(_POLL_SECONDS)
            else:
                return self._warm_up(upstream)
        raise AssertionError(f"the fault proxy does not answer at {self.endpoint}")

    def _warm_up(self, env: Mapping[str, str]) -> None:
        """Have the proxy load its service models now: that takes longer than a function waits for its table."""
        for _ in range(2):
            self.client(env).list_tables()

    def client(self, env: Mapping[str, str]) -> Any:
        """Return a client of DynamoDB that calls through the proxy, with the keys of ``env``."""
        return boto3.client(
            "dynamodb",
            endpoint_url=self.endpoint,
            region_name=env["AWS_REGION"],
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        )

    def stop(self) -> None:
        """End the proxy."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @contextmanager
    def injected(self, *rules: dict[str, Any]) -> Iterator[None]:
        """Have ``rules`` (microburst's) in force for calls to DynamoDB, and nothing afterwards."""
        self._control("DELETE", "fired")
        self._control("POST", "rules", [{"service": "dynamodb"} | rule for rule in rules])
        try:
            yield
        finally:
            self._control("POST", "rules", [])

    def fired(self) -> list[dict[str, Any]]:
        """List what was injected since the last :meth:`injected` began."""
        return list(self._control("GET", "fired?limit=100000"))

    def _control(self, method: str, what: str, body: Any = None) -> Any:
        answer = urllib3.request(method, f"{self.endpoint}/_microburst/{what}", json=body, retries=False, timeout=60)
        assert answer.status == 200, answer.data
        return answer.json()


async def _serve(port: int, upstream: str, parent: int) -> None:
    from aiohttp import web
    from microburst import detection  # type: ignore[import-untyped]
    from microburst.app import make_app  # type: ignore[import-untyped]
    from microburst.core.pipeline import Microburst  # type: ignore[import-untyped]

    resource_hint = detection.resource_hint

    def resource(service: str | None, operation: str | None, path: str, body: bytes | None) -> Any:
        """Name the table of a transaction, too: that of its first write."""
        if operation == "TransactWriteItems" and body:
            return next(iter(json.loads(body)["TransactItems"][0].values()))["TableName"]
        return resource_hint(service, operation, path, body)

    detection.resource_hint = resource
    proxy = Microburst(upstream)
    outbound_headers = proxy.upstream._outbound_headers
    # The function signed the name it called; with another one the signature, which is checked, would be wrong.
    proxy.upstream._outbound_headers = lambda request: outbound_headers(request) | {"host": request.host}
    runner = web.AppRunner(make_app(proxy))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    while os.getppid() == parent:
        await asyncio.sleep(0.5)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
