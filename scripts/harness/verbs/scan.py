"""``make scan``: policies over every root's plan and the HCL, IAM documents, secrets. Needs no AWS at all."""

import datetime
import tempfile
from dataclasses import replace
from pathlib import Path

from harness.base.options import Options
from harness.base.paths import ACCOUNT, REPO, REPORTS, bundle_zip, shown, write_atomically
from harness.base.progress import phase, say
from harness.bundle.archive import build_bundle
from harness.facts import service_names
from harness.facts.stacks import environments
from harness.plan import read_plan
from harness.report import Check, Report, Waived, as_json, junit, markdown, sarif, table
from harness.rules import evaluate_account
from harness.scan.dates import day_of, notes
from harness.scan.exceptions import apply, exceptions_of
from harness.scan.launch import Scanned, Scanner, once
from harness.scan.plans import copy_tree, make_plans

_FORMATS = {"json": as_json, "md": markdown, "xml": junit, "sarif": sarif}


def run(options: Options) -> int:
    """Scan every root; exit 1 when a finding stands.

    Raises:
        HarnessError: the scanners are missing or failed, a plan could not be made, a policy or exception is wrong.
    """
    day, today = day_of(), datetime.datetime.now(datetime.UTC).date()
    report = judged(scan(), day)
    for note in notes(exceptions_of()[0], day, today):
        say(f"note: {note}")
    write_report(report)
    return 1 if report.failed else 0


def write_report(report: Report) -> None:
    """Print a report, and write it in each format below ``build/reports``."""
    for ending, render in _FORMATS.items():
        write_atomically(REPORTS / f"{report.name}.{ending}", render(report).encode())
    print(table(report), end="")
    say(f"  reports: {shown(REPORTS)}/{report.name}.{{{','.join(_FORMATS)}}}")


def scan(tree: Path = REPO) -> Scanned:
    """Plan and scan ``tree``. The scanners start while the plans are made.

    Raises:
        HarnessError: as :func:`run`.
    """
    with Scanner() as scanner, tempfile.TemporaryDirectory(prefix="scan-") as folder:
        scratch = Path(folder)
        if tree == REPO:
            build_bundle()
        with phase("plan every root, offline"):
            copy_tree(tree, scratch)
            plans = make_plans(scratch, (*environments(tree), ACCOUNT))
        with phase("scan plans, HCL, IAM documents, secrets"):
            suffixes = {name: name for name in environments(tree)}
            archives = tuple(bundle_zip(name) for name in service_names(tree))
            scanned = scanner.scan(plans, scratch, tree=tree, suffixes=suffixes, archives=archives)
        # The environments' own rules run in make plan; the account's root is planned for review here alone.
        return replace(scanned, findings=(*scanned.findings, *evaluate_account(read_plan(plans[ACCOUNT]), ACCOUNT)))


def judged(scanned: Scanned, day: datetime.date | None, tree: Path = REPO) -> Report:
    """Return the scan's report after the exceptions of ``tree``, judged by ``day``.

    Raises:
        HarnessError: the exceptions cannot be read.
    """
    waivers, faults = exceptions_of(tree)
    applied = apply(once(scanned.findings), waivers, day)
    return Report(
        name="scan",
        version=scanned.version,
        findings=(*applied.findings, *faults),
        waived=tuple(Waived(one, by.reason, by.owner, str(by.expires)) for one, by in applied.waived),
        checks=tuple(_check(name, number, scanned) for name, number in scanned.evaluated.items()),
        seconds=scanned.seconds,
    )


def _check(name: str, looked_at: int, scanned: Scanned) -> Check:
    house = scanned.policies.get(name)
    return Check(name, house.title if house else "", house.guideline if house else "", looked_at)
