"""What a rule is, what it sees and what comes out of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from harness.base.findings import Finding, Severity
from harness.plan import Plan, ValueMissingError


@dataclass(frozen=True, slots=True)
class Action:
    """An action that permissions.yaml grants, and why.

    Attributes:
        calls: operations of the API that need it; empty: the one of its name.
    """

    name: str
    why: str
    drop: str
    required: bool
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement of permissions.yaml; ``resource`` and ``when`` are its words for them."""

    sid: str
    resource: str
    reason: str
    when: str
    actions: tuple[Action, ...]
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """What rules know besides the plan.

    Attributes:
        grants: the statements of modules/function/permissions.yaml.
        constants: the numbers of lambda/items/settings.py by name, in seconds, bytes or plain counts.
        concurrency_quota: the account's Lambda concurrency, ``None`` when nobody was asked.
    """

    grants: tuple[Grant, ...]
    constants: Mapping[str, float]
    concurrency_quota: int | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a rule may look at.

    Attributes:
        environment: ``dev``, ``prod`` or another root's name.
        suffix: how every name must end.
        acknowledged: addresses whose destruction was agreed to.
    """

    plan: Plan
    environment: str
    suffix: str
    acknowledged: frozenset[str]
    sources: Sources


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that breaks a rule; ``address`` is empty when it concerns the whole plan."""

    address: str
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A promise over a whole plan. Its check's docstring says why it exists and is printed in the report."""

    id: str
    severity: Severity
    check: Callable[[Context], Iterable[Violation]]

    @property
    def why(self) -> str:
        """The first paragraph of the check's docstring, on one line."""
        return " ".join((inspect.getdoc(self.check) or "").split("\n\n")[0].split())


@dataclass(frozen=True, slots=True)
class RuleResult:
    """A rule and what it found; nothing found means it holds."""

    rule: Rule
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RuleReport:
    """Every rule, also those that hold, in the order of ``RULES``."""

    results: tuple[RuleResult, ...] = field(default_factory=tuple)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return tuple(finding for result in self.results for finding in result.findings)

    @property
    def errors(self) -> int:
        """How many findings keep the plan from being applied."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def names(plan: Plan, kind: str, attribute: str) -> frozenset[str]:
    """Known values of an attribute of every resource of a type."""
    found = (change.find(attribute) for change in plan.of_type(kind))
    return frozenset(name for name in found if isinstance(name, str))


def index_names(plan: Plan) -> frozenset[str]:
    """Names of the indexes of every table."""
    blocks = (table.find("global_secondary_index") for table in plan.of_type("aws_dynamodb_table"))
    indexes = (index for listed in blocks if isinstance(listed, list) for index in listed if isinstance(index, dict))
    return frozenset(name for index in indexes if isinstance(name := index.get("name"), str))


def traced(plan: Plan, address: str, attribute: str) -> frozenset[str]:
    """What an attribute is made from; nothing when the configuration does not set it."""
    try:
        return plan.references(address, attribute)
    except ValueMissingError:
        return frozenset()


def stands(plan: Plan) -> bool:
    """Whether anything is left after the change: a plan that destroys everything has nothing to promise."""
    return any(change.stays and change.mode == "managed" for change in plan.resources.values())
