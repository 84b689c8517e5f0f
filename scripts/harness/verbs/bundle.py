"""``make bundle``: the function's zip, and beside it the contract as JSON."""

from __future__ import annotations

from hashlib import sha256

from harness.base.options import Options
from harness.base.paths import BUNDLE, CONTRACT_JSON, shown
from harness.base.results import write_report
from harness.bundle.archive import build_bundle


def run(options: Options) -> int:
    """Build both and print their SHA-256: the same on every checkout of the same commit."""
    digest = build_bundle()
    write_report("bundle", {"sha256": digest, "bytes": BUNDLE.stat().st_size})
    print(f"{digest}  {shown(BUNDLE)}")
    print(f"{sha256(CONTRACT_JSON.read_bytes()).hexdigest()}  {shown(CONTRACT_JSON)}")
    return 0
