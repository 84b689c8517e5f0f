"""``make report``: everything about an environment in one HTML file; without ENV about all of them."""

import datetime
from collections.abc import Mapping
from dataclasses import replace

from harness.base.errors import StaleError
from harness.base.findings import failing
from harness.base.options import Options
from harness.base.paths import REPORTS, Stack, shown, write_atomically
from harness.base.progress import phase, say
from harness.bundle.archive import build_bundle
from harness.bundle.bill import write_bills
from harness.cost import PRICES, estimate, estimate_now, read_prices
from harness.facts import read_blueprint
from harness.facts.stacks import environments, stack_of
from harness.parity.declared import Side, declarations_of, differences, parity
from harness.plan import Plan, read_plan_file
from harness.report import Report
from harness.report.page import Entry, Facts, Parity, Source, located, page_of, render_index, render_page
from harness.rules import evaluate
from harness.scan.dates import day_of
from harness.scan.kept import kept_plans
from harness.terraform.fingerprint import require_fresh
from harness.verbs.scan import judged, scan

INDEX = "report.html"


def run(options: Options) -> int:
    """Write the page of ENV, or of every environment and an index; exit 1 when a finding stands on one.

    Raises:
        HarnessError: an environment cannot be planned, compared or scanned.
    """
    now = datetime.datetime.now(datetime.UTC)
    names = (options.environment,) if options.environment else environments()
    stacks = [stack_of(replace(options, environment=name)) for name in names]
    compared = read_blueprint().compared_with
    others = (other for name in names if (other := compared(name)))
    wanted = tuple(dict.fromkeys((*names, *others)))
    build_bundle()
    for path in write_bills(day_of()):
        say(f"  what a zip holds: {shown(path)}")
    with phase(f"plan {', '.join(wanted)}, offline"):
        plans = kept_plans(wanted)
    scanned = judged(scan(), day_of())
    with phase("write the report"):
        entries = [_entry(_facts(stack, plans, scanned, options, now), stack) for stack in stacks]
        failed = [entry for entry in entries if entry.page.failed]
        if not options.environment:
            failed += [] if _write_index(entries, scanned, now) else entries
    for entry in entries:
        # Before its path, which goes to standard error.
        print(f"{entry.page.facts.called}: {entry.page.verdict}", flush=True)
        say(f"  its page: {shown(REPORTS / entry.file)}")
    if not options.environment:
        say(f"every environment in one table, with links to the pages: {shown(REPORTS / INDEX)}")
    return 1 if failed else 0


def _write_index(entries: list[Entry], scanned: Report, now: datetime.datetime) -> bool:
    """Write the index and say whether nothing is wrong outside the environments."""
    elsewhere = [one for one in scanned.ordered if one.environment and one.environment not in environments()]
    text = render_index(entries, _told(now), [located("scan", one) for one in elsewhere])
    write_atomically(REPORTS / INDEX, text.encode())
    return not failing(elsewhere)


def _entry(facts: Facts, stack: Stack) -> Entry:
    page = page_of(facts)
    file = f"report-{stack.environment if stack.suffix == stack.environment else stack.slug}.html"
    write_atomically(REPORTS / file, render_page(page).encode())
    return Entry(page, file)


def _facts(
    stack: Stack, offline: Mapping[str, Plan], scanned: Report, options: Options, now: datetime.datetime
) -> Facts:
    name, prices = stack.environment, read_prices(PRICES.read_bytes())
    plan, source = _saved(stack)
    suffix, load = stack.suffix, read_blueprint().environment(name).load
    if plan is None:
        plan, suffix = offline[name], name
        source = replace(source, made=_told(now))
    return Facts(
        title=stack.title,
        source=source,
        plan=plan,
        rules=evaluate(plan, environment=name, suffix=suffix, acknowledged=options.acknowledged),
        parity=parity_of(name, offline),
        estimate=estimate(plan, prices, load),
        prices=prices,
        load=load,
        scan=_of(name, scanned),
        today=estimate_now(plan, prices, load),
    )


def _saved(stack: Stack) -> tuple[Plan | None, Source]:
    """Return the saved plan while nothing changed since it was made; else only why the offline plan is shown."""
    try:
        require_fresh(stack)
    except StaleError as stale:
        why = f"{stale.tried} ({stale.remedy})"
        return None, Source("a plan made offline, as if nothing were deployed", "", why, offline=True)
    made = datetime.datetime.fromtimestamp(stack.plan_json.stat().st_mtime, datetime.UTC)
    plan = read_plan_file(stack.plan_json, f"make plan {stack.make_words}")
    return plan, Source(f"the saved plan {shown(stack.plan_json)}", _told(made))


def _told(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def parity_of(name: str, plans: Mapping[str, Plan]) -> Parity:
    """Compare offline plans, as ``make parity`` does: what is deployed is no difference of the code."""
    other = read_blueprint().compared_with(name)
    if not other:
        return Parity("")
    left, right = (Side(one, one, plans[one]) for one in (other, name))
    declared, found = declarations_of(name, other), differences(left, right)
    covered = tuple((one, tuple(each for each in found if one.covers(each))) for one in declared)
    return Parity(other, parity(left, right, declared), covered)


def _of(name: str, scanned: Report) -> Report:
    """Keep what the scan found in an environment, and in the code, which is everybody's."""
    return replace(
        scanned,
        findings=tuple(one for one in scanned.findings if one.environment in ("", name)),
        waived=tuple(one for one in scanned.waived if one.finding.environment in ("", name)),
    )
