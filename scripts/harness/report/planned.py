"""Everything that a page about a plan tells."""

from dataclasses import dataclass

from harness.base.findings import RANK, Finding, counted, failing
from harness.changes import Changes
from harness.cost import Estimate


@dataclass(frozen=True, slots=True)
class Gate:
    """One check of a plan.

    Attributes:
        command: runs it alone.
        said: what it has to say when it found nothing.
        held: names of the promises that hold, where it knows several.
        ran: whether it ran for this plan.
    """

    name: str
    command: str
    findings: tuple[Finding, ...] = ()
    said: str = ""
    held: tuple[str, ...] = ()
    ran: bool = True

    @property
    def failed(self) -> bool:
        """True when it found more than notes."""
        return failing(self.findings)

    @property
    def verdict(self) -> str:
        """The outcome in a few words."""
        return ", ".join(filter(None, [*counted(self.findings), self.said]))


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A plan's changes and the verdicts on them.

    Attributes:
        title: the stack's.
        gates: those that ran, and those that did not.
        now: estimate of what stands today, ``None`` when nothing does.
        then: estimate of what stands after the apply.
        basis: what the plan was made from, where it is not the account.
        lines: further lines of gates.
        next: what to do now.
    """

    title: str
    changes: Changes
    gates: tuple[Gate, ...]
    now: Estimate | None = None
    then: Estimate | None = None
    basis: str = ""
    lines: tuple[str, ...] = ()
    next: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of every gate, the worst first."""
        found = (one for gate in self.gates for one in gate.findings)
        return tuple(sorted(found, key=lambda one: (RANK[one.severity], one)))

    @property
    def failed(self) -> bool:
        """True when a gate found more than notes."""
        return any(gate.failed for gate in self.gates)

    @property
    def missed(self) -> tuple[Gate, ...]:
        """Gates that did not run."""
        return tuple(gate for gate in self.gates if not gate.ran)

    @property
    def cost(self) -> str:
        """The cost of a month, now and then, in a line; empty when nobody estimated it."""
        if self.then is None:
            return ""
        then = f"{self.then.total():,.2f} USD a month"
        if self.now is None:
            return f"about {then} (nothing is billed before)"
        if f"{self.now.total():,.2f}" == f"{self.then.total():,.2f}":
            return f"about {then}, as now"
        return f"about {self.now.total():,.2f} → {then} ({self.then.total() - self.now.total():+,.2f})"
