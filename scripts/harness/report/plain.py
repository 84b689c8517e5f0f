"""Text for a terminal, and JSON."""

import json
from dataclasses import asdict

from harness.report.reported import Report, place


def table(report: Report) -> str:
    """Render two lines a finding (where, then what and why), and the verdict last."""
    lines: list[str] = []
    rows = [
        (one.severity.upper(), one.environment or "-", one.check, place(one) or "-", one.address or "-")
        for one in report.ordered
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    for finding, row in zip(report.ordered, rows, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*cells, row[-1]]))
        lines.append(f"    {finding.message}")
        if finding.guideline:
            lines.append(f"    why: {finding.guideline}")
    lines.append(f"{report.name}: {report.verdict}")
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    """Render everything, for scripts."""
    content = {
        "name": report.name,
        "version": report.version,
        "failed": report.failed,
        "verdict": report.verdict,
        "findings": [asdict(one) for one in report.ordered],
        "waived": [asdict(one) for one in report.waived],
        "checks": [asdict(one) for one in sorted(report.checks)],
        "seconds": dict(report.seconds),
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"
