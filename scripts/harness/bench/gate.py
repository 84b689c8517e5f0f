"""The whole gate in one process: ``python -m harness.bench.gate``; providers are started and stopped inside.

fmt, validate, plan, assertions, rules and policy scan, over all environments at once. Prints what it looked at and
how many findings each step has, as one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.fastlane.lane import Lane
from harness.fastlane.pool import LanePool
from harness.fastlane.provider import locked_provider
from harness.inventory import match, read_inventory
from harness.offline import offline
from harness.paths import CACHE, REPO, environments
from harness.plan import Plan, read_plan
from harness.rules import evaluate
from harness.scan.plans import copy_tree, make_plans
from harness.scan.runner import Scanner
from harness.toolchain import find_terraform, terraform_environment

_BACKEND = 'terraform {\n  backend "local" {}\n}\n'


def main() -> None:
    """Run the gate on this repository."""
    with Scanner() as scanner, tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor() as threads:
        plain, scanned = Path(scratch) / "plain", Path(scratch) / "scanned"
        for tree in (plain, scanned):
            tree.mkdir()
            copy_tree(REPO, tree)
        unformatted = threads.submit(_unformatted)
        plans = _plans(plain)
        typed = {name: read_plan(data) for name, data in plans.items()}
        found = _checked(typed)
        # The scan's own plans have a made-up key ARN; one without a key would be the same again.
        keyed = tuple(name for name, plan in typed.items() if any(plan.of_type("aws_kms_key")))
        plans |= make_plans(scanned, keyed) if keyed else {}
        # Plans only, as the naive pipeline scans them: the other scans look at files, not at plans.
        (no_files := Path(scratch) / "nothing" / "envs").mkdir(parents=True)
        suffixes = {name: name for name in plans}
        scan = scanner.scan(plans, no_files.parent, tree=REPO, suffixes=suffixes, files=())
        looked = {name: len(plan.resources) for name, plan in typed.items()} | {"policies": len(scan.evaluated)}
        findings = {"fmt": unformatted.result(), **found, "scan": len(scan.findings)}
    print(json.dumps({"looked": looked, "findings": findings}))


def _plans(tree: Path) -> dict[str, bytes]:
    """Validate and plan every environment, side by side."""
    with zipfile.ZipFile(tree / "build/bundle/items.zip", "w") as bundle:  # the one whose hash the inventories hold
        bundle.writestr(zipfile.ZipInfo("items/handler.py", (2020, 1, 1, 0, 0, 0)), "")
    names, terraform = environments(), find_terraform()
    for name in names:
        (tree / "envs" / name / "backend_override.tf").write_text(_BACKEND)

    def work(lane: Lane, name: str) -> bytes:
        lane.validate(tree / "envs" / name)
        return lane.plan(tree / "envs" / name)

    with offline() as stub:
        env = stub.environment() | terraform_environment(tree / "data")
        lock = tree / "envs" / names[0] / ".terraform.lock.hcl"
        provider = locked_provider(terraform, lock, CACHE / "fastlane", env)
        with LanePool(terraform, provider, CACHE / "fastlane", env, lanes=len(names)) as pool:
            pool.start()
            return dict(zip(names, pool.map(work, names), strict=True))


def _checked(plans: Mapping[str, Plan]) -> dict[str, int]:
    """Findings of the inventories and of the rules."""
    files = {name: REPO / "tests" / "envs" / f"{name}.yaml" for name in plans}
    inventories = {name: read_inventory(file.read_text(), file=file.name) for name, file in files.items()}
    return {
        "assertions": sum(len(list(match(plan, inventories[name]))) for name, plan in plans.items()),
        "rules": sum(len(evaluate(plan, environment=name, suffix=name).findings) for name, plan in plans.items()),
    }


def _unformatted() -> int:
    """How many files ``terraform fmt`` would change."""
    command = [str(find_terraform()), "fmt", "-check", "-recursive", "envs", "modules"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    return len(done.stdout.splitlines())


if __name__ == "__main__":
    main()
