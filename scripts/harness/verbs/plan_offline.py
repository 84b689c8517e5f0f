"""``make plan-offline``: plan environments without any AWS, and show what their files change since a commit.

For pull requests, those of forks too, whose jobs may sign in nowhere: the same page as ``make plan`` makes, of the
plans that the files alone give, those of now beside those of ``SINCE``.
"""

import os
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.base.errors import HarnessError, UsageError
from harness.base.options import Options
from harness.base.paths import BUNDLES, REPO, REPORTS, ensure_folder, shown, write_atomically
from harness.base.process import run as run_program
from harness.base.progress import phase
from harness.bundle.archive import build_bundle
from harness.changes import changes
from harness.cost import PRICES, estimate, estimate_now, read_prices
from harness.facts import read_blueprint
from harness.facts.stacks import environments, stack_of
from harness.operate.planning import missed, rules_gate
from harness.parity.declared import CHECK as PARITY
from harness.plan import Plan, read_plan, since
from harness.report.comment import comment
from harness.report.planned import PlanReport
from harness.report.screen import view_of
from harness.report.summary import render_summary
from harness.rules import evaluate
from harness.scan.kept import kept_plans
from harness.scan.moves import moves_of
from harness.scan.plans import copy_tree, make_plans
from harness.verbs.parity import parity_gate

_ALONE = "From the files alone, as if nothing were deployed."
_BESIDE = (
    "From the files alone, beside those of {ref}: what AWS replaces, what moves inside of modules and what drifted"
    " shows in a plan of the account."
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Plans of a commit's files, and in words what they are compared with."""

    plans: dict[str, Plan]
    basis: str


def run(options: Options) -> int:
    """Plan ENV, or every environment; exit 1 when a gate has an error.

    Raises:
        HarnessError: Terraform rejects the files, or SINCE is no commit.
    """
    names = (stack_of(options).environment,) if options.environment else environments()
    with phase("bundle"):
        build_bundle()
    with phase(f"plan {', '.join(names)}, offline"):
        plans = kept_plans(names)
    earlier = _earlier(options.since, names) if options.since else Earlier({}, _ALONE)
    reports = {name: _report(name, plans[name], earlier) for name in names}
    view = view_of(sys.stdout, os.environ, verbose=options.verbose)
    for name, report in reports.items():
        whole = REPORTS / f"offline-{name}.txt"
        write_atomically(whole, render_summary(report).encode())
        write_atomically(whole.with_suffix(".md"), comment(report, shown(whole)).encode())
        print(render_summary(report, view), end="")
    return 1 if any(report.failed for report in reports.values()) else 0


def _report(name: str, plan: Plan, earlier: Earlier) -> PlanReport:
    beside = since(earlier.plans[name], plan, moves_of(REPO / "envs" / name)) if name in earlier.plans else plan
    prices, load = read_prices(PRICES.read_bytes()), read_blueprint().environment(name).load
    gates = (
        rules_gate(evaluate(plan, environment=name, suffix=name), f"make plan-offline ENV={name}"),
        parity_gate(name),
        *missed(name, {PARITY}),
    )
    now, then = estimate_now(beside, prices, load), estimate(plan, prices, load)
    return PlanReport(name, changes(beside), gates, now, then, basis=earlier.basis)


def _earlier(ref: str, names: Sequence[str]) -> Earlier:
    """Plan a commit's files. Files that today's harness cannot plan are told, and then everything is new."""
    with tempfile.TemporaryDirectory(prefix="since-") as scratch:
        source, tree = (ensure_folder(Path(scratch) / name) for name in ("source", "tree"))
        _check_out(ref, Path(scratch) / "source.tar", source)
        known = tuple(name for name in names if name in environments(source))
        try:
            with phase(f"plan {', '.join(known)} of {ref}, offline"):
                build_bundle(source / BUNDLES.relative_to(REPO), source)
                copy_tree(source, tree)
                plans = make_plans(tree, known, made_up_key=False) if known else {}
        except HarnessError as error:
            return Earlier({}, f"{_ALONE} Those of {ref} cannot be planned: {error.tried}")
    return Earlier({name: read_plan(data) for name, data in plans.items()}, _BESIDE.format(ref=ref))


def _check_out(ref: str, archive: Path, folder: Path) -> None:
    """Write a commit's files into a folder.

    Raises:
        HarnessError: there is no such commit.
    """
    remedy = "SINCE= takes a commit, branch or tag that this clone has"
    if ref.startswith("-"):
        raise UsageError(f"SINCE={ref} is no commit", remedy)
    # A folder or file of a commit is none, though git would pack it.
    named = run_program(
        ["git", "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"], cwd=REPO, remedy=remedy, accept=(0, 1)
    )
    if named.returncode:
        raise UsageError(f"SINCE={ref} is no commit", remedy)
    commit = named.stdout.strip()
    run_program(["git", "archive", "--format=tar", f"--output={archive}", commit], cwd=REPO, remedy=remedy)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
