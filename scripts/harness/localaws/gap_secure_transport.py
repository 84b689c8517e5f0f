"""Gap: every request counts as one over plain HTTP.

Upstream: ``aws:SecureTransport`` is false, since the local AWS speaks HTTP: a bucket that refuses plain HTTP refuses
everybody but the account's root, who is asked no policy.

AWS: "AWS global condition context keys", IAM User Guide: the key tells whether the request was sent using TLS, which is
what SDKs and Terraform do ("AWS service endpoints", AWS General Reference: HTTPS unless another scheme is asked for).

Fill: a request counts as one over TLS, as the same client would send it to AWS, unless ``x-forwarded-proto`` says http.
"""

from typing import Any

from ministack import app as ministack

from harness.localaws import arrival
from harness.localaws.patching import wraps


def install() -> None:
    """Patch how ministack notes where a request came from."""
    arrival.watch()

    @wraps(ministack, "pin_request_origin")
    def pin_request_origin(pin: Any, source_ip: str, _: bool) -> None:
        pin(source_ip, (b"x-forwarded-proto", b"http") not in arrival.headers())
