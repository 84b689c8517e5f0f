"""The page of a plan for a terminal, and for plan.txt. Pure; secrets and control characters are in no line of it."""

from collections import Counter
from collections.abc import Iterator

from harness.base.findings import Finding, Severity
from harness.plan import Plan
from harness.report import told
from harness.report.planned import Gate, PlanReport
from harness.report.told import PLAIN, Line, View
from harness.report.wording import visible, wrapped

_COLOURS = {"+": 32, "~": 33, "-": 31, "-/+": 31, "+/-": 31, "x": 33, ">": 36, "<": 36}
_BOLD = 1
_SEVERITIES = {Severity.ERROR: 31, Severity.WARNING: 33, Severity.NOTE: 36}
_TITLES = 36


def counts(plan: Plan) -> dict[str, int]:
    """Count the resources of each action, unchanged ones and data sources included."""
    return dict(sorted(Counter(str(change.action) for change in plan.resources.values()).items()))


def render_summary(report: PlanReport, view: View = PLAIN) -> str:
    """Tell a plan in words: the changes, the findings in full, the gates; ends in a line break."""
    lines = [_painted(visible(f"{report.title}: {told.headline(report.changes)}"), _BOLD, view)]
    lines += [_painted(visible(report.basis), None, view)] if report.basis else []
    lines += [_line(one, view) for one in _changes(report, view)]
    lines += [line for finding in report.findings for line in _finding(finding, view)]
    lines += _gates(report, view)
    return "\n".join(lines) + "\n"


def _changes(report: PlanReport, view: View) -> Iterator[Line]:
    found = report.changes
    yield from told.destruction(found, view)
    for module, changed in told.by_module(found):
        yield Line(0, "", f"  {visible(module) or 'root module'}")
        yield from told.others(changed, view)
    if found.outputs:
        yield Line(0, "", "  outputs")
        yield from told.outputs(found.outputs, view)
    if found.drift:
        yield Line(0, "", "  changed outside Terraform since the last apply")
        yield from told.drift(found.drift, view)


def _line(line: Line, view: View) -> str:
    return _painted(str(line), _COLOURS.get(line.sign, _TITLES), view)


def _finding(finding: Finding, view: View) -> Iterator[str]:
    head = visible(f"{finding.severity} {finding.check} {finding.address}").rstrip()
    yield _painted(f"  {head}", _SEVERITIES[finding.severity], view)
    for line in finding.message.splitlines():
        yield _painted(f"      {visible(line)}", None, view)


def _gates(report: PlanReport, view: View) -> Iterator[str]:
    ran = [gate for gate in report.gates if gate.ran]
    for gate in ran:
        yield _painted(visible(f"{gate.name}: {gate.verdict}"), 31 if gate.failed else 32, view)
        if view.verbose and gate.held:
            yield _painted(f"  {', '.join(map(visible, gate.held))}", None, view)
    more = [f"cost: {report.cost}"] if report.cost else []
    more += [f"not run: {', '.join(map(_missed, report.missed))}"] if report.missed else []
    for line in (*map(visible, report.lines), *more):
        yield _painted(line, None, view)


def _missed(gate: Gate) -> str:
    return visible(f"{gate.name} ({gate.command})")


def _painted(text: str, colour: int | None, view: View) -> str:
    """Fit a line into the width, each part in its colour."""
    lines = wrapped(text, view.width)
    return "\n".join(f"\x1b[{colour}m{line}\x1b[0m" if view.colour and colour else line for line in lines)
