"""Findings and figures made of verdicts."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from harness.base.findings import Finding, Severity
from harness.lab.mutation.run import Outcome, Verdict
from harness.report import Check, Report, Waived
from harness.scan.exceptions import UNUSED, Waiver, apply, read_waivers

CHECK = "mutation"
SHARE = 0.95
"""Share of mutants that must be killed; Terraform's refusals are not counted at all."""

_GUIDELINE = "A setting that no assertion looks at can be lost without anybody noticing."


def report(
    verdicts: Sequence[Verdict], accepted: Path, shown: str, day: datetime.date | None, files: Collection[str]
) -> Report:
    """Report a run: survivors that nobody accepted are errors, so are entries that accept nothing.

    Args:
        accepted: survivors with their reasons, in the format of policy exceptions.
        day: entries that expired before hold no longer; ``None``: all hold.
        files: those that were broken; entries about others are left alone.

    Raises:
        HarnessError: ``accepted`` cannot be read.
    """
    waivers, faults = read_waivers(accepted, shown)
    concerned = [waiver for waiver in waivers if _files(waiver) & set(files)]
    applied = apply([_finding(one) for one in verdicts if one.outcome is Outcome.SURVIVED], concerned, day)
    standing = [one for one in applied.findings if one.check != UNUSED or any(file in one.message for file in files)]
    return Report(
        name="mutation",
        findings=(*standing, *faults),
        checks=(Check(CHECK, "every setting of modules/ and envs/ has an assertion", _GUIDELINE, len(verdicts)),),
        waived=tuple(Waived(one, by.reason, by.owner, str(by.expires)) for one, by in applied.waived),
    )


class Figures(TypedDict):
    """Totals: all, by outcome, and the share killed of those that Terraform takes (``None`` when there are none)."""

    total: int
    killed: int
    refused: int
    survived: int
    share_killed: float | None


def figures(verdicts: Iterable[Verdict]) -> Figures:
    """Count the totals of a run."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    killed = counts[Outcome.KILLED] + counts[Outcome.HUNG]
    decided = killed + counts[Outcome.SURVIVED]
    return {
        "total": counts.total(),
        "killed": killed,
        "refused": counts[Outcome.REFUSED],
        "survived": counts[Outcome.SURVIVED],
        "share_killed": round(killed / decided, 4) if decided else None,
    }


def document(verdicts: Sequence[Verdict], seconds: float) -> dict[str, object]:
    """Make the content of ``build/reports/mutation.json``: figures, survivors, and who killed the others."""
    rows = [_row(one) for one in sorted(verdicts, key=lambda one: (one.mutant.file, one.mutant.start))]
    return {
        **figures(verdicts),
        "seconds": round(seconds, 1),
        "a_minute": round(len(verdicts) / seconds * 60, 1) if seconds else None,
        "survivors": [row for row in rows if row["outcome"] == Outcome.SURVIVED],
        "mutants": rows,
    }


def _row(verdict: Verdict) -> Mapping[str, object]:
    mutant = verdict.mutant
    place = {"file": mutant.file, "line": mutant.line, "key": mutant.key, "operator": mutant.operator}
    change = {"old": mutant.old, "new": mutant.new}
    return {**place, **change, "outcome": verdict.outcome, "by": verdict.by, "seconds": round(verdict.seconds, 2)}


def _finding(verdict: Verdict) -> Finding:
    mutant = verdict.mutant
    old, new = (" ".join(text.split())[:60] for text in (mutant.old, mutant.new))
    message = f"nothing notices `{old}` -> `{new}`"
    return Finding(CHECK, Severity.ERROR, mutant.key, message, "", mutant.file, mutant.line, _GUIDELINE)


def _files(waiver: Waiver) -> set[str]:
    return {resource.split(":")[0] for resource in waiver.resources}
