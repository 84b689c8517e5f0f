"""A summary for a pull request."""

from collections.abc import Iterable, Sequence

from harness.report.escaping import code, prose
from harness.report.reported import SIGNS, Report, place

# GitHub refuses comments of more than 65,536 characters; other reports stand in the same comment.
ROWS = 50
"""Findings shown; the rest is counted."""


def markdown(report: Report) -> str:
    """Render the verdict, the findings as a table, the accepted ones folded away."""
    sign = "❌" if report.failed else "✅"
    parts = [f"### {sign} {report.name}: {report.verdict}", ""]
    shown = report.ordered[:ROWS]
    if shown:
        rows = [
            (
                SIGNS[one.severity],
                prose(one.environment or "-"),
                code(one.check),
                code(place(one)),
                code(one.address),
                prose(one.message) + (f"<br><sub>{prose(one.guideline)}</sub>" if one.guideline else ""),
            )
            for one in shown
        ]
        parts += _table(("", "environment", "check", "where", "resource", "what"), rows)
        if len(report.findings) > ROWS:
            parts += [f"… and {len(report.findings) - ROWS} more, in the report's other formats.", ""]
    if report.waived:
        accepted = [
            (
                code(one.finding.check),
                prose(one.finding.environment or "-"),
                code(one.finding.address),
                prose(one.reason),
                prose(one.expires),
            )
            for one in report.waived
        ]
        parts += [f"<details><summary>{len(report.waived)} accepted, each with a reason</summary>", ""]
        parts += _table(("check", "environment", "resource", "reason", "until"), accepted)
        parts += ["</details>", ""]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return [*lines, ""]
