"""The readable summary of a plan: counts, one line a change, the findings. Pure; never a resource's values."""

from collections import Counter

from harness.plan import Action, Plan
from harness.rules import RuleReport

_SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.REPLACE_DELETE_FIRST: "-/+",
    Action.REPLACE_CREATE_FIRST: "+/-",
    Action.FORGET: "x",
}


def counts(plan: Plan) -> dict[str, int]:
    """Count the resources of each action, unchanged ones and data sources included."""
    return dict(sorted(Counter(str(change.action) for change in plan.resources.values()).items()))


def render_summary(plan: Plan, rules: RuleReport, title: str) -> str:
    """Tell a plan in words: its changes, then every rule, those that hold included; ends in a line break."""
    changing = [change for change in plan.resources.values() if change.action in _SIGNS]
    told = {action: number for action, number in counts(plan).items() if action not in (Action.NO_OP, Action.READ)}
    headline = ", ".join(f"{number} to {action}" for action, number in told.items())
    lines = [f"{title}: {headline if changing else 'no changes'}"]
    lines += [f"  {_SIGNS[change.action]:>3} {change.address}" for change in changing]
    holding = [result.rule.id for result in rules.results if not result.findings]
    lines.append(f"{len(holding)} of {len(rules.results)} rules hold: {', '.join(holding)}")
    for finding in sorted(rules.findings):
        lines += [f"  {finding.severity} {finding.check} {finding.address}", f"      {finding.message}"]
    return "\n".join(lines) + "\n"
