"""The process behind one lane: ``python -m harness.fastlane.server FOLDER PROVIDER CACHE_DIR``.

It starts the provider, serves the proxy's socket in FOLDER and takes orders on its standard input, one JSON object
a line, each answered by one line. It ends, with its provider and its folder, when the input ends, when its parent dies
or when it is told to by a signal; when it is killed itself, Linux kills the provider, and the watcher sees to the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from harness.base import sealed
from harness.base.errors import HarnessError
from harness.fastlane import upstream
from harness.fastlane.cache_keys import decisive, identity
from harness.fastlane.schema import Schema, SchemaFormatError

if TYPE_CHECKING:
    from harness.fastlane.proxy import Proxy

SOCKET = "proxy"
#: How often to look whether the parent and the provider still live, in seconds.
PULSE = 0.5


class Server:
    """One provider, one proxy, one folder."""

    def __init__(self, folder: Path, provider: Path, cache_dir: Path) -> None:
        self._folder = folder
        self._key = identity(provider)
        # The whole answer is kept, not a trimmed one: a module that starts to use a new type needs no new file.
        self._store = cache_dir / f"schema-{self._key[:16]}.bin"
        self._schema = self._stored()
        self._checks = cache_dir / f"checks-{self._key[:16]}.bin"
        facts = json.dumps([self._key, decisive(os.environ)], sort_keys=True)
        self._checks_key = hashlib.sha256(facts.encode()).hexdigest()
        self._process = upstream.start(provider, folder)

    def run(self) -> None:
        """Serve until the input ends or parent or provider die."""
        # 0.15 s, while the provider starts
        from harness.fastlane.memory import kept  # noqa: PLC0415
        from harness.fastlane.proxy import Proxy, serve  # noqa: PLC0415

        memory = kept(self._checks, self._checks_key)
        proxy = Proxy(upstream.address(self._process, self._folder), memory)
        serving = serve(proxy, str(self._folder / SOCKET))
        try:
            for order in self._orders():
                _say(self._obey(order, proxy))
        finally:
            serving.stop(None)
            memory.keep(self._checks, self._checks_key)

    def stop(self) -> None:
        """Kill the provider and remove the folder."""
        upstream.stop(self._process)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _obey(self, order: dict[str, Any], proxy: Proxy) -> dict[str, Any]:
        """Serve the order's ``types`` (null: all); with ``refetch`` ask the provider for its schema anew first."""
        if self._schema is None or order["refetch"]:
            self._schema = self._fetch(proxy)
        types = order["types"]
        proxy.begin(self._schema.whole() if types is None else self._schema.trimmed(types))
        return {"pid": os.getpid(), "socket": str(self._folder / SOCKET), "bytes": len(proxy.answer)}

    def _stored(self) -> Schema | None:
        """Read the stored schema, if it can be believed."""
        raw = sealed.load(self._store, self._key)
        try:
            return Schema.parse(raw) if raw is not None else None
        except SchemaFormatError:
            return None

    def _fetch(self, proxy: Proxy) -> Schema:
        """Ask the provider, check that the answer is whole, and store it."""
        raw = proxy.fetch_schema()
        schema = Schema.parse(raw)
        sealed.store(self._store, self._key, raw)
        return schema

    def _orders(self) -> Iterator[dict[str, Any]]:
        """Yield each order as it comes in; end with the input, the parent or the provider."""
        parent, pending = os.getppid(), b""
        while os.getppid() == parent and self._process.poll() is None:
            if not select.select([0], [], [], PULSE)[0]:
                continue
            chunk = os.read(0, 1 << 16)
            if not chunk:
                return
            *lines, pending = (pending + chunk).split(b"\n")
            yield from map(json.loads, lines)


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _terminated(*_: object) -> NoReturn:
    raise SystemExit(0)


def main(arguments: list[str]) -> None:
    """Run one server; failures are answered in place of the first order, so that the parent can report them."""
    # Handlers of its own: whoever starts it in the background of a shell hands down that SIGINT is ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminated)
    folder, provider, cache_dir = arguments
    server = Server(Path(folder), Path(provider), Path(cache_dir))
    try:
        server.run()
    except (HarnessError, OSError, RuntimeError, ValueError) as error:
        _say({"error": str(error)})
    finally:
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
