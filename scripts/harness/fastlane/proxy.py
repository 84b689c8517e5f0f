"""The gRPC proxy between Terraform and a lane's provider: raw bytes, any tfplugin5 call, trimmed schemas.

Three kinds of calls are not simply passed on. ``GetSchema`` is answered from the trimmed schema. What checks a
configuration is remembered (:mod:`harness.fastlane.memory`). ``Configure`` itself is refused when it would give the one
provider a second configuration while a first is in use (that leaks, silently, between environments). All that depends
on a configuration is passed on.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from harness.fastlane import schema
from harness.fastlane.memory import Memory

SERVICE = "/tfplugin5.Provider/"
OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
#: Terraform asks for ten things at once (its default parallelism); twice that leaves room for a second connection.
WORKERS = 20
SECOND_CONFIGURATION = (
    "fast lane: this provider already serves another configuration, and a second one would leak into it; "
    "give each environment its own lane, and plan a root with several provider configurations on the stock CLI"
)
#: The calls that check a configuration, and the field of the answer that holds diagnostics.
CHECKS = {"PrepareProviderConfig": 2, "ValidateResourceTypeConfig": 1, "ValidateDataSourceConfig": 1}
Call = Callable[[bytes, Any], bytes]


class Proxy:
    """Handler of every call on a lane's socket.

    Attributes:
        answer: the bytes ``GetSchema`` is answered with; :meth:`begin` sets it before each command.
    """

    def __init__(self, upstream: str, memory: Memory) -> None:
        """Connect to the provider, whose socket is at the path ``upstream``."""
        self.answer = b""
        self._channel: Any = grpc.insecure_channel(f"unix:{upstream}", options=OPTIONS)
        self._lock = threading.Lock()
        self._configuration: bytes | None = None
        self._calls: dict[str, Call] = {SERVICE + "GetSchema": lambda *_: self.answer}
        self._configure_upstream = self._forwarder(SERVICE + "Configure")
        self._calls[SERVICE + "Configure"] = self._configure
        for name, diagnostics in CHECKS.items():
            self._calls[SERVICE + name] = _remembering(name, self._forwarder(SERVICE + name), diagnostics, memory)

    def begin(self, answer: bytes) -> None:
        """Begin a command: serve ``answer`` as the schema, and let the command bring its own configuration."""
        with self._lock:
            self.answer = answer
            self._configuration = None

    def fetch_schema(self) -> bytes:
        """Ask the provider itself for its whole schema answer.

        Raises:
            RuntimeError: the provider does not answer.
        """
        try:
            return bytes(self._raw(SERVICE + "GetSchema")(b""))
        except grpc.RpcError as error:
            raise RuntimeError(f"the provider does not tell its schema: {error.details()}") from error

    def service(self, details: Any) -> Any:
        """Return the handler of one call, as gRPC asks; None (unimplemented) for what is not the provider's."""
        method: str = details.method
        call = self._calls.get(method)
        if call is None and method.startswith(SERVICE):
            call = self._calls.setdefault(method, self._forwarder(method))
        return grpc.unary_unary_rpc_method_handler(call, _same, _same) if call else None

    def _raw(self, method: str) -> Any:
        return self._channel.unary_unary(method, request_serializer=_same, response_deserializer=_same)

    def _forwarder(self, method: str) -> Call:
        """Pass a call on, and hand the provider's own errors back."""
        upstream = self._raw(method)

        def forward(request: bytes, context: Any) -> bytes:
            try:
                return bytes(upstream(request))
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())  # raises
                raise

        return forward

    def _configure(self, request: bytes, context: Any) -> bytes:
        """Configure the provider, unless this command already brought another configuration."""
        with self._lock:
            if self._configuration not in (None, request):
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, SECOND_CONFIGURATION)
            self._configuration = request
        return self._configure_upstream(request, context)


def _remembering(name: str, check: Call, diagnostics: int, memory: Memory) -> Call:
    """Ask ``check`` once for the same request; an answer with errors or warnings is asked for again."""

    def remembered(request: bytes, context: Any) -> bytes:
        answer = memory.recall(name, request)
        if answer is None:
            answer = check(request, context)
            if diagnostics not in schema.field_numbers(answer):
                memory.learn(name, request, answer)
        return answer

    return remembered


def _same(message: bytes) -> bytes:
    """Pass a message as the bytes it is."""
    return message


def serve(proxy: Proxy, socket: str) -> Any:
    """Serve ``proxy`` on the unix socket at ``socket``; return the server, which must be kept referenced."""
    server = grpc.server(ThreadPoolExecutor(WORKERS), handlers=(proxy,), options=OPTIONS)
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    return server
