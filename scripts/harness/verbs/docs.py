"""``make docs``: the documents that are made from plans and data; ``make check`` fails when one is stale."""

import re
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import REPO, shown, write_atomically
from harness.base.progress import say
from harness.base.results import write_report
from harness.base.texts import text_of
from harness.facts import read_base_grants, read_blueprint, read_grants, service_names
from harness.parity import comparison
from harness.plan import Plan
from harness.report import iamdoc
from harness.scan.plans import offline_plans

_BLOCK = re.compile(r"(<!-- begin comparison -->\n).*?(<!-- end comparison -->)", re.DOTALL)


def run(options: Options) -> int:
    """Write every generated document."""
    for path, text in generated(offline_plans()).items():
        if path.exists() and path.read_bytes() == text.encode():
            continue
        write_atomically(path, text.encode())
        say(f"  wrote {shown(path)}")
    return 0


def run_check(options: Options) -> int:
    """Exit 1 when a generated document is not what it would be made into now."""
    stale = [
        shown(path)
        for path, text in generated(offline_plans()).items()
        if not path.exists() or path.read_bytes() != text.encode()
    ]
    write_report("docs", {"stale": stale})
    for name in stale:
        say(f"  {name} is stale -> make docs")
    return 1 if stale else 0


def generated(plans: dict[str, Plan]) -> dict[Path, str]:
    """Return the content of every document that is made, from the plans and the permissions' data, by its path.

    Raises:
        HarnessError: the README lost its markers.
    """
    readme = REPO / "README.md"
    table = comparison.render(plans, read_blueprint())
    text, found = _BLOCK.subn(lambda match: f"{match[1]}{table}{match[2]}", text_of(readme))
    if found != 1:
        raise HarnessError("README.md has lost the comparison's markers", "put <!-- begin comparison --> back")
    grants = {name: read_grants(name) for name in service_names()}
    return {readme: text, REPO / "docs" / "iam.md": iamdoc.render(read_base_grants(), grants)}
