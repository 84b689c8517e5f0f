"""Parts of the fast lane's tests: real tools, small roots, and an STS that can be made to wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from harness.fastlane.equality import stock_plan
from harness.fastlane.lane import Lane
from harness.terraform.sandbox import lock_file

LOCK = lock_file()
_REQUIREMENT = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100, < 7.0" }
  }
}
"""
_IDENTITY = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::000000000000:root</Arn><UserId>X</UserId><Account>000000000000</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""


@dataclass(frozen=True, slots=True)
class Tools:
    """Parts of a lane.

    Attributes:
        terraform: the CLI.
        provider: the provider of the lock file.
        cache_dir: this session's caches.
        env: environment of Terraform and provider, with the stub of STS.
    """

    terraform: Path
    provider: Path
    cache_dir: Path
    env: Mapping[str, str]

    def lane(self, **env: str) -> Lane:
        """Make a lane of its own, with further environment variables."""
        return Lane(self.terraform, self.provider, self.cache_dir, {**self.env, **env})

    def stock(self, root: Path, scratch: Path) -> bytes:
        """Plan a root by the stock CLI, lock verified, as JSON."""
        return stock_plan(root, self.terraform, self.env, scratch / "stock")


def write_root(root: Path, main: str) -> Path:
    """Write a root module: the provider's requirement, its lock, and ``main``."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "main.tf").write_text(_REQUIREMENT + main)
    (root / ".terraform.lock.hcl").write_bytes(LOCK.read_bytes())
    return root


def topic(name: str, owner: str = "one") -> str:
    """HCL of a topic, planned after the account was asked for, and a provider whose default tags name the owner."""
    return f"""
provider "aws" {{
  default_tags {{
    tags = {{ Owner = "{owner}" }}
  }}
}}
data "aws_caller_identity" "this" {{}}
resource "aws_sns_topic" "this" {{
  name         = "{name}"
  display_name = data.aws_caller_identity.this.account_id
}}
"""


@dataclass(slots=True)
class SlowSts:
    """An STS that holds calls back.

    Attributes:
        url: its address.
        hold: call number (from 1) -> event to wait for before answering; others are answered at once.
        arrived: number of calls so far.
        change: notified at each call.
    """

    url: str = ""
    hold: dict[int, threading.Event] = field(default_factory=dict)
    arrived: int = 0
    change: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, calls: int, seconds: float = 30) -> bool:
        """Wait until that many calls have arrived."""
        with self.change:
            return self.change.wait_for(lambda: self.arrived >= calls, seconds)


@contextmanager
def slow_sts(hold: Mapping[int, threading.Event]) -> Iterator[SlowSts]:
    """Run one; at the end every held call is let go."""
    sts = SlowSts(hold=dict(hold))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(sts))
    server.daemon_threads = True
    sts.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield sts
    finally:
        for event in hold.values():
            event.set()
        server.shutdown()
        server.server_close()


def _handler(sts: SlowSts) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with sts.change:
                sts.arrived += 1
                number = sts.arrived
                sts.change.notify_all()
            if number in sts.hold:
                sts.hold[number].wait(60)
            try:
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(_IDENTITY)))
                self.end_headers()
                self.wfile.write(_IDENTITY)
            except OSError:
                self.close_connection = True  # whoever asked was killed

    return Handler


def living(sign: str) -> list[tuple[psutil.Process, list[str]]]:
    """Find every process, zombies apart, whose environment or command line holds ``sign``, with its command line."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
            texts = [*process.environ().values(), *line]
            if process.status() != psutil.STATUS_ZOMBIE and any(sign in text for text in texts):
                found.append((process, line))
        except psutil.Error:
            continue  # ended meanwhile, or another user's
    return found
