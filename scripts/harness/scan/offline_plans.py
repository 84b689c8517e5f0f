"""Typed plans of environments as if nothing were deployed: what documents, parity and inventories are made from."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.base.paths import REPO
from harness.base.progress import phase
from harness.bundle.archive import build_bundle
from harness.facts.stacks import environments
from harness.plan import Plan, read_plan
from harness.scan.plans import copy_tree, make_plans


def offline_plans(names: Sequence[str] = ()) -> dict[str, Plan]:
    """Plan environments as if nothing were deployed; needs no AWS.

    Args:
        names: of the environments; every one when there is none.

    Raises:
        HarnessError: Terraform rejects the configuration.
    """
    names = tuple(names) or environments()
    build_bundle()
    with phase(f"plan {', '.join(names)}, offline"), tempfile.TemporaryDirectory(prefix="plans-") as folder:
        copy_tree(REPO, Path(folder))
        plans = make_plans(Path(folder), tuple(names), made_up_key=False)
        return {name: read_plan(data) for name, data in plans.items()}
