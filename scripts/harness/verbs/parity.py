"""``make parity``: every difference between dev and prod is declared with a reason in envs/parity.yaml."""

from __future__ import annotations

from harness.base.options import Options
from harness.base.paths import REPO, REPORTS, write_atomically
from harness.parity.declared import Side, parity, read_declarations
from harness.report import Check, Report, as_json, markdown, table
from harness.verbs.docs import offline_plans

_DECLARED = REPO / "envs" / "parity.yaml"


def run(options: Options) -> int:
    """Compare the two plans; exit 1 on an undeclared difference or a declaration that no longer holds."""
    plans = offline_plans()
    declared = read_declarations(_DECLARED.read_text())
    findings = parity(Side("dev", "dev", plans["dev"]), Side("prod", "prod", plans["prod"]), declared)
    report = Report("parity", findings, tuple(Check(one.address, guideline=one.reason) for one in declared))
    write_atomically(REPORTS / "parity.json", as_json(report).encode())
    write_atomically(REPORTS / "parity.md", markdown(report).encode())
    print(table(report), end="")
    return 1 if report.failed else 0
