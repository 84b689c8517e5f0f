"""The content of a report."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.base.findings import RANK, Finding, Severity, counted, failing

SIGNS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "💬"}
"""Severity -> its sign in Markdown."""


@dataclass(frozen=True, slots=True, order=True)
class Check:
    """A check that ran, whether or not it found something.

    Attributes:
        title: what it makes sure of, in a line; may be empty.
        guideline: why, or where that is written.
        looked_at: how many things it looked at.
    """

    id: str
    title: str = ""
    guideline: str = ""
    looked_at: int = 0


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that was accepted, and on whose word until when."""

    finding: Finding
    reason: str
    owner: str
    expires: str


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run.

    Attributes:
        name: what ran, e.g. ``scan``.
        version: its version, may be empty.
        seconds: phase -> seconds it took.
    """

    name: str
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...] = ()
    waived: tuple[Waived, ...] = ()
    version: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def ordered(self) -> tuple[Finding, ...]:
        """The findings, worst first, then by file and line."""
        return tuple(
            sorted(self.findings, key=lambda one: (RANK[one.severity], one.file, one.line, one.check, one.address))
        )

    @property
    def failed(self) -> bool:
        """True when a finding makes the command exit 1."""
        return failing(self.findings)

    @property
    def verdict(self) -> str:
        """The outcome in a line."""
        looked_at = sum(check.looked_at for check in self.checks)
        ran = f"{len(self.checks)} checks" + (f", {looked_at} looks" if looked_at else "")
        waived = f", {len(self.waived)} accepted with a reason" if self.waived else ""
        return f"{', '.join(counted(self.findings)) or 'clean'} ({ran}{waived})"


def place(finding: Finding) -> str:
    """Return ``file:line``, or what is known of it."""
    return f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file
