"""Gather what a page says about one environment, in the order in which a reader asks. Pure."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from harness.base.findings import RANK, Finding, Severity
from harness.changes import changes
from harness.cost import Estimate, Prices
from harness.cost.bill import figure
from harness.facts import Load
from harness.parity.declared import Declaration, Difference
from harness.plan import Plan
from harness.report.page.alarm_rows import AlarmRow, alarm_rows
from harness.report.page.changed import Count, Section, Thing, counts, destroyed, drift, outputs, sections
from harness.report.page.diagram import Diagram, diagram
from harness.report.page.words import counted, shown
from harness.report.reported import Report, Waived, place
from harness.rules import RuleReport


@dataclass(frozen=True, slots=True)
class Source:
    """The plan that a page shows.

    Attributes:
        what: the plan, in words.
        made: when it was made, in words.
        note: why it is this one and no other; may be empty.
        offline: it was made from the files alone, and knows nothing of what is deployed.
    """

    what: str
    made: str
    note: str = ""
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Parity:
    """One environment beside the one it is compared with.

    Attributes:
        other: empty when it is compared with none.
        declared: what may differ, why, and the differences that this covers.
    """

    other: str
    findings: tuple[Finding, ...] = ()
    declared: tuple[tuple[Declaration, tuple[Difference, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a page is made from.

    Attributes:
        scan: with the findings of this environment, and of the code that all share.
        estimate: once the plan is applied.
        load: assumed use; ``None`` when nothing is said of it.
        today: what stands now costs; ``None`` when nothing does.
    """

    title: str
    source: Source
    plan: Plan
    rules: RuleReport
    parity: Parity
    estimate: Estimate
    prices: Prices
    load: Load | None
    scan: Report
    today: Estimate | None = None

    @property
    def called(self) -> str:
        """The title, and where the plan is not the account's, that it is not."""
        return f"{self.title}, from the files alone" if self.source.offline else self.title


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with its place on the page."""

    anchor: str
    gate: str
    severity: str
    check: str
    where: str
    address: str
    message: str
    why: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule, its reason and its findings."""

    id: str
    why: str
    holds: bool
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class ParityRow:
    """A difference that is meant, and each value in which it shows with the resources where it does."""

    where: str
    why: str
    shows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class CostRow:
    """Resources that are billed by the same price."""

    address: str
    number: int
    quantity: str
    unit: str
    rate: str
    usd: float


@dataclass(frozen=True, slots=True)
class Page:
    """One environment, ready to be written.

    Attributes:
        failed: whether a finding keeps it from being right.
        verdict: the outcome in a line.
        happens: what the plan does, counted.
        destroyed: what is lost, with what forces it.
    """

    facts: Facts
    failed: bool
    verdict: str
    happens: tuple[Count, ...]
    destroyed: tuple[Thing, ...]
    found: tuple[Found, ...]
    sections: tuple[Section, ...]
    outputs: tuple[Thing, ...]
    drift: tuple[Section, ...]
    drawing: Diagram
    rules: tuple[RuleRow, ...]
    parity: tuple[ParityRow, ...]
    alarms: tuple[AlarmRow, ...]
    cost: tuple[CostRow, ...]
    waived: tuple[Waived, ...]
    variables: tuple[tuple[str, str], ...]


def page_of(facts: Facts) -> Page:
    """Gather the page of one environment."""
    found = _found(facts)
    changed = changes(facts.plan)
    return Page(
        facts,
        failed=any(one.severity != Severity.NOTE for one in found),
        verdict=_verdict(facts, found),
        happens=counts(changed.resources),
        destroyed=destroyed(changed),
        found=found,
        sections=sections(changed),
        outputs=outputs(changed),
        drift=drift(changed),
        drawing=diagram(facts.plan),
        rules=_rules(facts.rules, found),
        parity=tuple(_difference(*one) for one in facts.parity.declared),
        alarms=alarm_rows(facts.plan),
        cost=_cost(facts.estimate, facts.prices),
        waived=tuple(sorted(facts.scan.waived, key=lambda one: (one.finding.check, one.finding.address))),
        variables=tuple((name, shown(value)) for name, value in sorted(facts.plan.variables.items())),
    )


def _found(facts: Facts) -> tuple[Found, ...]:
    gates = {"rules": facts.rules.findings, "parity": facts.parity.findings, "scan": facts.scan.findings}
    every = [(gate, one) for gate, findings in gates.items() for one in findings]
    every.sort(key=lambda pair: (RANK[pair[1].severity], list(gates).index(pair[0]), pair[1]))
    return tuple(located(gate, finding) for gate, finding in every)


def located(gate: str, finding: Finding) -> Found:
    """Give a finding its place on a page."""
    said = "\n".join((finding.check, finding.environment, finding.address, finding.file, finding.message))
    # Stays the same from run to run, so that a link to a finding can be sent to somebody.
    digest = hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()[:10]
    anchor = f"finding-{re.sub(r'[^a-z0-9]+', '-', finding.check.lower())}-{digest}"
    where, why = place(finding), finding.guideline
    return Found(anchor, gate, finding.severity, finding.check, where, finding.address, finding.message, why)


def _verdict(facts: Facts, found: Sequence[Found]) -> str:
    standing = Counter(one.gate for one in found if one.severity != Severity.NOTE)
    held = sum(result.holds for result in facts.rules.results)
    rules = f"{held} of {counted(len(facts.rules.results), 'rule')} hold"
    if not standing:
        compared = f"nothing undeclared differs from {facts.parity.other}, " if facts.parity.other else ""
        return f"{rules}, {compared}the scan found nothing new"
    return f"{counted(standing.total(), 'finding')} ({', '.join(map(_by_gate, standing.items()))}); {rules}"


def _by_gate(item: tuple[str, int]) -> str:
    return f"{item[1]} of the {item[0]}" if item[0] != "parity" else f"{item[1]} of parity"


def _rules(report: RuleReport, found: Sequence[Found]) -> tuple[RuleRow, ...]:
    """List every rule, the broken ones first."""
    rows = [
        RuleRow(
            result.rule.id,
            result.rule.why,
            result.holds,
            tuple(one for one in found if (one.gate, one.check) == ("rules", result.rule.id)),
        )
        for result in report.results
    ]
    return tuple(sorted(rows, key=lambda row: row.holds))


def _difference(declared: Declaration, covered: Sequence[Difference]) -> ParityRow:
    shows: dict[str, list[str]] = defaultdict(list)
    for one in covered:
        shows[str(one)].append(one.address)
    return ParityRow(declared.address, declared.reason, tuple((said, tuple(where)) for said, where in shows.items()))


def _cost(estimate: Estimate, prices: Prices) -> tuple[CostRow, ...]:
    """Group what is billed by the same price in all instances of a block, the dearest first."""
    rows = []
    for (address, name), lines in estimate.by_price().items():
        price = prices.prices[name]
        quantity = figure(sum(line.quantity for line in lines))
        usd = f"{price.usd:.10f}".rstrip("0").rstrip(".")
        rate = f"{usd} USD" + (f" per {price.per:,.10g}" if price.per != 1 else "")
        rows.append(CostRow(address, len(lines), quantity, price.unit, rate, sum(line.usd for line in lines)))
    return tuple(sorted(rows, key=lambda row: (-row.usd, row.address, row.unit)))
