"""``make bundle``: each service's zip, beside it its contract as JSON, and a bill of what the zip holds."""

from hashlib import sha256

from harness.base.options import Options
from harness.base.paths import bundle_contract, bundle_zip, shown
from harness.base.progress import say
from harness.base.results import write_report
from harness.bundle.archive import build_bundle
from harness.bundle.bill import write_bills
from harness.scan.dates import day_of


def run(options: Options) -> int:
    """Build them all and print the SHA-256 of what they are made of: the same on every checkout of the same commit."""
    digests = build_bundle()
    sizes = {name: bundle_zip(name).stat().st_size for name in digests}
    write_report("bundle", {name: {"sha256": digest, "bytes": sizes[name]} for name, digest in digests.items()})
    for name, digest in digests.items():
        contract = bundle_contract(name)
        print(f"{digest}  {shown(bundle_zip(name))} without byte-code")
        print(f"{sha256(contract.read_bytes()).hexdigest()}  {shown(contract)}")
    for path in write_bills(day_of()):
        say(f"  what a zip holds: {shown(path)}")
    return 0
