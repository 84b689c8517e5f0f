"""Keeper of a lane's server process: starts it, talks to it, and lets nothing of it outlive this process.

Three safeguards, each enough for some death: the server ends when its input does (this process gone), the watcher,
a shell in a session of its own, kills the server's process group and removes the folder when *its* input does (both
killed at once), and a later start sweeps folders whose lock nobody holds (the machine went down).
"""

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import harness
from harness.base.errors import ToolError

PREFIX = "fastlane-"
LOCK = "lock"
ADDRESS = "registry.terraform.io/hashicorp/aws"
#: The longest wait for a provider to start and hand over its schemas (normally 1 to 3 s).
ANSWER_SECONDS = 90.0
#: A unix socket's path may be 104 bytes long (macOS); folder, a slash and the provider's own socket name must fit.
LONGEST_TEMPORARY_FOLDER = 60
_WATCH = 'read -r _; if [ -d "$2" ]; then kill -s KILL -- "-$1"; rm -rf -- "$2"; fi'


class Keeper:
    """One server process and its watcher. Starting does not wait; the first :meth:`serve` does."""

    def __init__(self, provider: Path, cache_dir: Path, env: Mapping[str, str]) -> None:
        """Start the server; ``env`` is the whole environment its provider will see.

        Raises:
            ToolError: there is no such provider.
        """
        if not provider.is_file():
            raise ToolError(f"no provider at {provider}", "run terraform init, or name the file of the mirror")
        sweep()
        self.folder, lock = _private_folder()
        search_path = {"PYTHONPATH": str(Path(harness.__file__).parents[1])}
        command = [sys.executable, "-m", "harness.fastlane.server", str(self.folder), str(provider.resolve())]
        try:
            with (self.folder / "server.log").open("wb") as log:
                self._server = subprocess.Popen(
                    [*command, str(cache_dir.resolve())],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env={**env, **search_path, "GRPC_VERBOSITY": "ERROR"},
                    cwd=self.folder,
                    start_new_session=True,
                    pass_fds=(lock,),
                )
        finally:
            os.close(lock)
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "fastlane-watcher", str(self._server.pid), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        """True while the server runs."""
        return self._server.poll() is None

    def serve(self, types: Iterable[str] | None, *, refetch: bool = False) -> str:
        """Begin a command that needs ``types`` (None: all); return the value for TF_REATTACH_PROVIDERS.

        Raises:
            ToolError: the server or its provider could not start, or died.
        """
        order = {"types": None if types is None else sorted(types), "refetch": refetch}
        answer = self._ask(order)
        endpoint = {"Network": "unix", "String": answer["socket"]}
        process = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": answer["pid"], "Test": True}
        return json.dumps({ADDRESS: process | {"Addr": endpoint}})

    def close(self) -> None:
        """End the server, its provider and the watcher, and remove the folder. May be called twice."""
        for process in (self._server, self._watcher):  # in this order: the watcher must find the folder gone
            if process.stdin and not process.stdin.closed:
                process.stdin.close()
            if process is self._server:
                self._end_server()
        self._watcher.wait()

    def _end_server(self) -> None:
        try:
            self._server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
        if self._server.stdout:
            self._server.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Send one order and read its answer."""
        assert self._server.stdin and self._server.stdout  # noqa: S101 - both are pipes, for mypy
        try:
            self._server.stdin.write(json.dumps(order).encode() + b"\n")
            self._server.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # it has ended; its last words are read below
        answer = _read_line(self._server.stdout.fileno())
        if "error" in answer:
            raise ToolError(f"the fast lane's server failed: {answer['error']}", "see the provider's message")
        if not answer:
            raise ToolError(f"the fast lane's server ended: {self._last_words()}", "run the command again")
        return answer

    def _last_words(self) -> str:
        log = self.folder / "server.log"
        text = log.read_text(errors="replace").strip() if log.is_file() else ""
        return text.splitlines()[-1] if text else "without a word"


def sweep() -> None:
    """Remove folders that a machine that went down left behind: ours, and locked by nobody."""
    for folder in _temporary_folder().glob(f"{PREFIX}*"):
        try:
            if folder.stat().st_uid != os.getuid():
                continue
            with (folder / LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # in use, or gone meanwhile


def _private_folder() -> tuple[Path, int]:
    """Make a folder that only this user may enter, and return it with the descriptor that holds its lock."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_temporary_folder()))
    # Locked before it gets its name: a folder with a lock file nobody holds is litter, see sweep().
    nameless = folder / f".{LOCK}"
    lock = os.open(nameless, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    nameless.rename(folder / LOCK)
    return folder, lock


def _temporary_folder() -> Path:
    usual = Path(tempfile.gettempdir())
    return usual if len(os.fsencode(usual)) <= LONGEST_TEMPORARY_FOLDER else Path("/tmp")  # noqa: S108


def _read_line(descriptor: int) -> dict[str, Any]:
    """Read the JSON object on the next line; empty when the other side ended or took too long."""
    line, deadline = b"", time.monotonic() + ANSWER_SECONDS
    while not line.endswith(b"\n"):
        if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return {"error": f"no answer within {ANSWER_SECONDS:.0f} s"}
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return {}
        line += chunk
    answer: dict[str, Any] = json.loads(line)
    return answer
