"""Runs all comparisons. Not a test: it takes minutes, wants a quiet machine, and its verdict is a table."""

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.progress import phase
from harness.facts import service_names
from harness.fastlane.pool import LanePool
from harness.lab.bench import comparisons, published
from harness.lab.bench.pairs import Comparison, Result, measure
from harness.lab.bench.stage import stage

NAMES = ("lane", "parallel", "plan", "gogc", "scan", "gate", "model", "cold")


def bench(only: str = "") -> list[Result]:
    """Measure one or all of :data:`NAMES`, write the report, and the page when everything was measured.

    Raises:
        HarnessError: something that is measured failed, or the fast lane's plans are not the stock ones.
    """
    if only and only not in NAMES:
        raise UsageError(f"there is no comparison {only}", f"use one of: {', '.join(NAMES)}")
    results = []
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        every = _comparisons(stack, scratch)
        for name in [only] if only else NAMES:
            with phase(f"{name}: preparing"):
                prepared = every[name]()
            for one in prepared:
                with phase(one.name):
                    results.append(measure(one))
                published.record(results)  # each time: what was measured is not lost when a later one fails
    if not only:
        published.publish(results)
    return results


def _comparisons(stack: ExitStack, scratch: Path) -> Mapping[str, Callable[[], list[Comparison]]]:
    """List what can be measured; each is prepared when its turn comes."""
    tree = scratch / "tree"
    tree.mkdir()
    staged = stack.enter_context(stage(tree))
    names = staged.names

    def lanes() -> list[Comparison]:
        pool = LanePool(staged.terraform, staged.provider, staged.cache_dir, staged.env, lanes=len(names))
        stack.enter_context(pool)
        comparisons.require_equal(staged, names, scratch / "equality")
        with pool.lane() as lane:
            return [comparisons.chain(staged, lane, name) for name in names]

    def together() -> list[Comparison]:
        pool = LanePool(staged.terraform, staged.provider, staged.cache_dir, staged.env, lanes=len(names))
        return [comparisons.side_by_side(staged, stack.enter_context(pool))]

    def cold() -> list[Comparison]:
        endpoint = stack.enter_context(empty_table())
        return [one for name in service_names() for one in comparisons.cold_start(scratch, endpoint, name)]

    return {
        "lane": lanes,
        "parallel": together,
        "plan": lambda: [comparisons.operators_plan(staged, names[-1])],
        "gogc": lambda: [comparisons.one_shot(staged, names[-1])],
        "scan": lambda: [comparisons.policy_scan(staged)],
        "gate": lambda: [comparisons.gate(staged)],
        "model": lambda: [comparisons.big_plan(staged, names[-1])],
        "cold": cold,
    }


@contextmanager
def empty_table() -> Iterator[str]:
    """Serve a DynamoDB that has no item on a free port of this machine; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _NoItem)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _NoItem(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        """Answer GetItem with nothing."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
