"""Let a test's clock fill the buckets of requests that stages and usage plans give, in place of real time.

A machine of two processors offers neither the deployed rates nor, when it is busy, much lower ones. While a virtual
clock stands still, exactly a burst passes; when it is moved by a second, exactly a second's requests.
"""

from types import SimpleNamespace
from typing import Any

from ministack.services import apigateway_v1

from harness.localaws import throughput_clock
from harness.localaws.patching import wraps


def install() -> None:
    """Patch where ministack takes a token of a bucket. Of a virtual clock, each bucket is full at its start."""

    @wraps(apigateway_v1, "_take_token")
    def _take_token(take: Any, slot: Any, limits: Any) -> Any:
        moment, real = throughput_clock.read(), apigateway_v1.time
        if not moment.run:
            return take(slot, limits)
        apigateway_v1.time = SimpleNamespace(time=lambda: moment.seconds)
        try:
            return take((moment.run, slot), limits)
        finally:
            apigateway_v1.time = real
