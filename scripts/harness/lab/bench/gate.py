"""The whole gate in one process: ``python -m harness.lab.bench.gate``; providers are started and stopped inside.

fmt, validate, plan, assertions, rules and policy scan with the house policies and the accepted exceptions, over all
environments at once. Prints what it looked at and how many findings each step has, as one JSON object.

An environment's whole chain runs on one lane: one provider, one init, also for the second plan that the scan needs
(see :mod:`harness.scan.plans`). The scanners start meanwhile, in a process of their own.
"""

import argparse
import gc
import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from harness.aws.offline import offline
from harness.base.findings import Finding
from harness.base.paths import CACHE, REPO
from harness.base.process import run
from harness.base.startup import prepare
from harness.base.surroundings import forget_aws
from harness.facts import read_blueprint
from harness.fastlane.lane import Lane
from harness.fastlane.pool import LanePool
from harness.fastlane.provider import locked_provider
from harness.inventory.document import match, read_inventory
from harness.inventory.placeholders import Placeholders
from harness.plan import Plan, read_plan
from harness.rules import evaluate, read_sources
from harness.scan.dates import day_of
from harness.scan.exceptions import apply, exceptions_of
from harness.scan.launch import Scanned, Scanner
from harness.scan.plans import copy_tree, make_up_key
from harness.terraform.binary import find_terraform, terraform_environment
from harness.terraform.sandbox import keep_state_local, lock_file


@dataclass(frozen=True, slots=True)
class Planned:
    """An environment's plan as it is, and the one that is scanned (the same where no key is made)."""

    plan: Plan
    scanned: bytes


def main(tree: Path = REPO) -> None:
    """Run the gate on ``tree``, the repository or a copy of it."""
    gc.disable()  # over in seconds
    with (
        Scanner() as scanner,
        tempfile.TemporaryDirectory() as scratch,
        ThreadPoolExecutor() as threads,
        ExitStack() as providers,
    ):
        terraform = find_terraform()
        unformatted = threads.submit(_unformatted, terraform, tree)
        planned = _plans(terraform, tree, Path(scratch), providers)
        ended = threads.submit(providers.close)
        checked = threads.submit(_checked, {name: one.plan for name, one in planned.items()}, tree)
        scanned = _scan(scanner, planned, tree, Path(scratch))
        findings = {"fmt": unformatted.result(), **checked.result(), "scan": len(_standing(scanned, planned, tree))}
        ended.result()
    looked = {name: len(one.plan.resources) for name, one in planned.items()}
    print(json.dumps({"looked": looked | {"policies": len(scanned.evaluated)}, "findings": findings}))


def _plans(terraform: Path, tree: Path, scratch: Path, providers: ExitStack) -> dict[str, Planned]:
    """Validate and plan every environment at once, each on a copy of its own; ``providers`` ends what it began."""
    names = tuple(read_blueprint(tree).environments)
    stub = providers.enter_context(offline())
    env = stub.environment() | terraform_environment(scratch / "data")
    provider = locked_provider(terraform, lock_file(tree), CACHE / "fastlane", env)
    pool = providers.enter_context(LanePool(terraform, provider, CACHE / "fastlane", env, lanes=len(names)))
    pool.start()
    planned = pool.map(lambda lane, name: _chain(lane, name, tree, scratch / name), names)
    return dict(zip(names, planned, strict=True))


def _chain(lane: Lane, name: str, source: Path, tree: Path) -> Planned:
    """``validate``, ``plan``, and where a key is made once more for the scan."""
    tree.mkdir()
    copy_tree(source, tree)
    root = tree / "envs" / name
    keep_state_local(root)
    lane.validate(root)
    data = lane.plan(root)
    plan = read_plan(data)
    if any(plan.of_type("aws_kms_key")):
        make_up_key(tree)
        data = lane.plan(root)
    return Planned(plan, data)


def _checked(plans: Mapping[str, Plan], tree: Path) -> dict[str, int]:
    """Findings of the inventories and of the rules."""
    sources, assertions, rules = read_sources(tree), 0, 0
    for name, plan in plans.items():
        file = tree / "tests" / "envs" / f"{name}.yaml"
        filled = Placeholders(read_blueprint(tree), name).fill(file.read_text())
        assertions += len(list(match(plan, read_inventory(filled, file=file.name))))
        rules += evaluate(plan, environment=name, suffix=name, sources=sources).errors
    return {"assertions": assertions, "rules": rules}


def _scan(scanner: Scanner, planned: Mapping[str, Planned], tree: Path, scratch: Path) -> Scanned:
    """Policies over the plans alone, as the naive pipeline scans them: the other scans look at files, not at plans."""
    (no_files := scratch / "nothing" / "envs").mkdir(parents=True)
    plans = {name: one.scanned for name, one in planned.items()}
    suffixes = {name: name for name in plans}
    return scanner.scan(plans, no_files.parent, tree=tree, suffixes=suffixes, files=())


def _standing(scanned: Scanned, planned: Mapping[str, Planned], tree: Path) -> Sequence[Finding]:
    """List what no exception covers, and exceptions that cover nothing; those for code and account have no say."""
    waivers, faults = exceptions_of(tree)
    return [*apply(scanned.findings, waivers, day_of(tree), only=planned).findings, *faults]


def _unformatted(terraform: Path, tree: Path) -> int:
    """Count the files that ``terraform fmt`` would change; it ends with 3 when there are any."""
    command = [str(terraform), "fmt", "-check", "-recursive", "envs", "modules"]
    return len(run(command, cwd=tree, accept=(0, 3)).stdout.splitlines())


if __name__ == "__main__":
    prepare()
    forget_aws()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", type=Path, default=REPO, help="the repository, or a copy of it")
    main(parser.parse_args().tree.resolve())
