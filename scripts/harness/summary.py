"""The readable summary of a plan: counts, one line a change, the findings. Pure; never a resource's values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.findings import Finding
from harness.plan import Action, Plan

_SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.REPLACE_DELETE_FIRST: "-/+",
    Action.REPLACE_CREATE_FIRST: "+/-",
    Action.FORGET: "x",
}


def counts(plan: Plan) -> dict[str, int]:
    """How many resources each action concerns, unchanged ones and data sources included."""
    return dict(sorted(Counter(str(change.action) for change in plan.resources.values()).items()))


def render_summary(plan: Plan, findings: Sequence[Finding], title: str) -> str:
    """The plan in words, ending in a line break."""
    changing = [change for change in plan.resources.values() if change.action in _SIGNS]
    lines = [f"{title}: {_headline(counts(plan)) if changing else 'no changes'}"]
    lines += [f"  {_SIGNS[change.action]:>3} {change.address}" for change in changing]
    if findings:
        lines.append(f"{len(findings)} finding(s) of the plan rules:")
        lines += [f"  {f.severity} {f.check} {f.address}: {f.message}" for f in sorted(findings)]
    else:
        lines.append("every plan rule holds")
    return "\n".join(lines) + "\n"


def _headline(numbers: dict[str, int]) -> str:
    quiet = {str(Action.NO_OP), str(Action.READ)}
    return ", ".join(f"{number} to {action}" for action, number in numbers.items() if action not in quiet)
