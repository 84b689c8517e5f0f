"""``make bundle``: the function's zip."""

from __future__ import annotations

from harness.bundle import build_bundle
from harness.options import Options
from harness.paths import BUNDLE, shown
from harness.reports import write_report


def run(options: Options) -> int:
    """Build the zip and print its SHA-256: the same on every checkout of the same commit."""
    digest = build_bundle()
    write_report("bundle", {"sha256": digest, "bytes": BUNDLE.stat().st_size})
    print(f"{digest}  {shown(BUNDLE)}")
    return 0
