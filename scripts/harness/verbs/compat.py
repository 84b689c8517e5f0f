"""``make compat``: the releases of Terraform beside the one in use, each on a local AWS of its own."""

from harness.base.options import Options
from harness.base.progress import phase, say
from harness.terraform.releases import install_release, releases
from harness.verbs.test import pytest


def run(options: Options) -> int:
    """Try every release, or the one of ``VERSION``; 1 when a root cannot be planned or applied with one of them.

    Raises:
        HarnessError: a release is not known, or cannot be installed.
    """
    wanted = (options.version,) if options.version else releases()
    results = {release: _tried(options, release) for release in wanted}
    for release, code in results.items():
        say(f"  terraform {release} {'ok' if code == 0 else 'FAILED'}")
    return max(results.values())


def _tried(options: Options, release: str) -> int:
    with phase(f"terraform {release}"):
        program = install_release(release)
    return pytest(options, ["tests/compat", f"--terraform={program}"], name=f"pytest-terraform-{release}")
