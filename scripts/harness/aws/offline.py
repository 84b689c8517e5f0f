"""Plans without any AWS: a stub of STS in this process, and the environment that points the provider at it.

Provider 5.100 asks STS who it is (``GetCallerIdentity``) when it is configured, once per start, and the data
source ``aws_caller_identity`` asks again; a plan of a new deployment asks nothing else. Anything else is
answered with an error that says so, because a plan that reads an account is not reproducible.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from harness.facts import read_blueprint

ACCOUNT = "000000000000"
_IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:user/offline</Arn><UserId>OFFLINE</UserId>
<Account>{ACCOUNT}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>offline</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""
_REFUSAL = "the offline stub answers sts:GetCallerIdentity only, not {call}: a plan must not read an account"


@dataclass(frozen=True, slots=True)
class Offline:
    """A running stub.

    Attributes:
        calls: every operation asked for, in order (``GetCallerIdentity``; a REST call as ``GET /path``).
    """

    url: str
    calls: list[str] = field(default_factory=list)

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """``base`` (default: this process's) with every AWS setting replaced by the stub's.

        Profiles, certificate bundles and service endpoints of the user are left out, and values for variables of one
        environment (``TF_VAR_``), so that neither a plan's content nor its success depends on who runs it.
        """
        given = os.environ if base is None else base
        kept = {name: value for name, value in given.items() if not name.startswith(("AWS_", "TF_VAR_"))}
        region = read_blueprint().region
        return kept | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


@contextmanager
def offline() -> Iterator[Offline]:
    """Start the stub on a free port of 127.0.0.1, stop it at the end."""
    calls: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(calls))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Offline(f"http://127.0.0.1:{server.server_address[1]}", calls)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(calls: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet: the output belongs to Terraform."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
            target = self.headers.get("X-Amz-Target", "")
            call = target or parse_qs(body).get("Action", [f"{self.command} {self.path}"])[0]
            calls.append(call)
            if call == "GetCallerIdentity":
                self._send(200, "text/xml", _IDENTITY)
            elif target:
                message = _REFUSAL.format(call=call).replace('"', "'")
                self._send(400, "application/x-amz-json-1.0", f'{{"__type":"Offline","message":"{message}"}}')
            else:
                error = f"<Error><Type>Sender</Type><Code>Offline</Code><Message>{_REFUSAL}</Message></Error>"
                text = f"<ErrorResponse>{error}</ErrorResponse>".format(call=call.replace("<", "&lt;"))
                self._send(400, "text/xml", text)

        def _send(self, status: int, kind: str, text: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

    return Handler
