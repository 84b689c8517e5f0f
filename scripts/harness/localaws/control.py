"""Start, find and stop the local AWS. Everything here works from the state folder: no registry, no global."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.base.errors import HarnessError
from harness.facts import read_blueprint
from harness.localaws import pidfile, state_lock
from harness.localaws.settings import ERROR_PREFIX, Kind

SESSION = "LOCALAWS_"
"""Begins the names of variables with keys that a role's session on the local AWS has, as in LOCALAWS_AWS_SESSION_TOKEN.

With them a command does on the local AWS what it may do as that role: so CI's roles are proven by use.
"""

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_LOG = "server.log"
_POLL_SECONDS = 0.05
_HEALTH_SECONDS = 20.0
_CONNECT_SECONDS = 2.0
_children: dict[int, subprocess.Popen[bytes]] = {}
"""Servers this process started: their exit status is collected, so that none stays behind as a zombie."""


@dataclass(frozen=True, slots=True)
class LocalAws:
    """A running local AWS.

    Attributes:
        endpoint: URL of every service, ``http://127.0.0.1:<port>``.
        port: TCP port on 127.0.0.1.
        state_dir: folder of everything it writes; a later start on it finds all resources again.
    """

    endpoint: str
    pid: int
    port: int
    state_dir: Path


def start(
    state_dir: Path,
    port: int | None,
    timeout_seconds: float,
    *,
    function_endpoint: str = "",
    die_with_parent: bool = False,
    time_factor: float = 1.0,
    kind: Kind = Kind.FILLED,
) -> LocalAws:
    """Start the local AWS and wait until it answers.

    Args:
        state_dir: made when missing; holds state, log and lock.
        port: None takes a free one.
        timeout_seconds: how long to wait for the first answer.
        function_endpoint: URL that Lambda functions call instead of the local AWS (a fault proxy), or "".
        die_with_parent: stop when the calling process ends, however it ends; else the server outlives it.
        time_factor: metric seconds per real second; alarms of minutes then fire in seconds. Tests only.
        kind: what it is to be; others than the filled one are for tests.

    Raises:
        HarnessError: port or state folder taken or not writable, or no answer in time.
    """
    if found := running(state_dir):
        raise HarnessError(
            f"a local AWS already serves {state_dir} at {found.endpoint} (pid {found.pid})",
            "use that one, or stop it first: make down",
        )
    arguments = ["--port", str(port or 0), "--state-dir", str(state_dir.absolute())]
    arguments += ["--function-endpoint", function_endpoint, "--time-factor", str(time_factor), "--kind", kind]
    arguments += ["--parent", str(os.getpid())] if die_with_parent else []
    server, log_start = _spawn(state_dir, arguments)
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise _failure(state_dir, log_start, server.returncode)
        if (found := running(state_dir)) and found.pid == server.pid and _answers(found.port):
            return found
        time.sleep(_POLL_SECONDS)
    server.kill()
    server.wait()
    raise HarnessError(f"the local AWS did not answer within {timeout_seconds:g} s", f"see {state_dir / _LOG}")


def running(state_dir: Path) -> LocalAws | None:
    """Find the local AWS that serves ``state_dir``; None without one. A stale record counts as none.

    Its process and its socket decide, not an answer in time: one that is busy runs.
    """
    found = pidfile.read(state_dir)
    if found is None or not _listens(found.port):
        return None
    return LocalAws(f"http://127.0.0.1:{found.port}", found.pid, found.port, state_dir)


def stop(local: LocalAws, timeout_seconds: float = 20.0) -> None:
    """Stop the server and its Lambda workers: politely, so that it saves; by force after ``timeout_seconds``.

    Does nothing when it has already ended.

    Raises:
        HarnessError: its last save failed.
    """
    found = pidfile.read(local.state_dir)
    server = pidfile.process(found) if found and found.pid == local.pid else None
    unsaved = False
    if server is not None:
        workers = server.children(recursive=True)
        server.terminate()
        if not _ended(server, timeout_seconds):
            server.kill()
            _ended(server, timeout_seconds)
            pidfile.remove(local.state_dir)
        unsaved = pidfile.left(local.state_dir) == found
        pidfile.kill([worker for worker in workers if worker.is_running()])
    if child := _children.pop(local.pid, None):
        child.wait(timeout=timeout_seconds)
    if unsaved:
        pidfile.remove(local.state_dir)
        raise HarnessError(
            f"the local AWS ended, but could not save what it held last ({local.state_dir})",
            f"free space or mend the folder, see {local.state_dir / _LOG}; all that it had acknowledged is kept",
        )


def _ended(process: psutil.Process, timeout_seconds: float) -> bool:
    """Wait for the end of a process, and tell if it came; one that its parent has yet to ask about has ended, too."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def environment(local: LocalAws) -> dict[str, str]:
    """Return the environment in which Terraform's AWS provider and boto3 work on ``local`` alone.

    The keys are those of the account's root, or of the session that ``SESSION`` names in the caller's environment.
    What the caller has in AWS_ACCESS_KEY_ID and the like belongs to a real account, and does not count.

    Raises:
        HarnessError: it has ended, and its keys with it.
    """
    region = read_blueprint().region
    if (record := pidfile.read(local.state_dir)) is None:
        raise HarnessError(f"the local AWS at {local.endpoint} has ended", "make up starts it")
    keys = {name: os.environ[f"{SESSION}{name}"] for name in _KEYS if f"{SESSION}{name}" in os.environ}
    return {
        "AWS_ENDPOINT_URL": local.endpoint,
        **(keys or record.keys.variables()),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _spawn(state_dir: Path, arguments: list[str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server process in a session of its own, so that Ctrl-C in the caller's terminal leaves it alone."""
    with state_lock.writing(state_dir):
        state_dir.mkdir(parents=True, exist_ok=True)
        state_dir.chmod(0o700)
        state_lock.try_room(state_dir)  # without any, the server could not even tell so in its log
        log = pidfile.open_private(state_dir / _LOG, "ab")
    scripts = Path(__file__).resolve().parents[2]
    with log:
        log_start = log.tell()
        server = subprocess.Popen(
            [sys.executable, "-m", pidfile.MODULE, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(scripts)},
            start_new_session=True,
        )
    _children[server.pid] = server
    return server, log_start


def _failure(state_dir: Path, log_start: int, code: int) -> HarnessError:
    """Turn the last words of a server that ended into the error of the start."""
    log = state_dir / _LOG
    with log.open("rb") as file:
        file.seek(log_start)
        lines = file.read().decode(errors="replace").splitlines()
    for line in reversed(lines):
        if line.startswith(ERROR_PREFIX):
            return HarnessError(line.removeprefix(ERROR_PREFIX))
    return HarnessError(f"the local AWS ended with code {code} before it answered", f"see {log}")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=_CONNECT_SECONDS).close()
    except TimeoutError:
        return True  # its queue of connections is full
    except OSError:
        return False
    return True


def _answers(port: int) -> bool:
    url = f"http://127.0.0.1:{port}/_ministack/health"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_HEALTH_SECONDS) as answer:
            return "services" in json.load(answer)
    except (OSError, ValueError):
        return False
