"""Types of the rules: a rule, its context, its violations and the report."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from harness.base.findings import Finding, Severity, failing
from harness.facts import Blueprint, Environment, Feature, Grant, Service
from harness.plan import Plan, ResourceChange, ValueMissingError
from harness.rules.accounts import own_account


@dataclass(frozen=True, slots=True)
class Sources:
    """Facts that rules know besides the plan.

    Attributes:
        blueprint: names, and what each environment must have.
        services: what each service tells of itself, by name.
        grants: what the function of each service may do beyond the base.
        base_grants: what every function may do.
        routes: operations of each service's contract, as ``GET /health``.
    """

    blueprint: Blueprint
    services: Mapping[str, Service]
    grants: Mapping[str, tuple[Grant, ...]]
    base_grants: tuple[Grant, ...]
    routes: Mapping[str, frozenset[str]]


@dataclass(frozen=True)  # no slots: the account is told once
class Context:
    """Everything a rule may look at.

    Attributes:
        name: the environment's name.
        environment: what the blueprint says of it.
        suffix: how every name must end.
        acknowledged: addresses whose destruction was agreed to.
    """

    plan: Plan
    name: str
    environment: Environment
    suffix: str
    acknowledged: frozenset[str]
    sources: Sources

    @cached_property
    def account(self) -> str:
        """The account that the plan is of, as far as its ARNs tell."""
        return own_account(self.plan)

    def requires(self, feature: Feature) -> bool:
        """Say if the environment must have a feature."""
        return feature in self.environment.requires

    def named(self, thing: str) -> str:
        """Build the name that a thing has in this copy of the environment."""
        return self.sources.blueprint.name(thing, self.suffix)

    def service_name(self, function: ResourceChange) -> str:
        """Name the service that a function runs, by its package; empty when that cannot be read."""
        package = function.find("filename")
        return PurePosixPath(package).stem if isinstance(package, str) else ""

    def service(self, function: ResourceChange) -> Service | None:
        """Return the service that a function runs, ``None`` for one without a folder."""
        return self.sources.services.get(self.service_name(function))


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that breaks a rule.

    Attributes:
        address: empty when it concerns the whole plan.
        severity: other than the rule's: a note is said and blocks nothing.
    """

    address: str
    message: str
    severity: Severity | None = None


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
    """A rule and what it found."""

    rule: Rule
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """True when nothing but notes was found."""
        return not failing(self.findings)


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


def traced(plan: Plan, address: str, attribute: str) -> frozenset[str]:
    """List what an attribute is made from; nothing when the configuration does not set it."""
    try:
        return plan.references(address, attribute)
    except ValueMissingError:
        return frozenset()


def is_written(plan: Plan, change: ResourceChange, attribute: str) -> bool:
    """Tell whether the configuration sets an attribute; one that cannot be looked up counts as set."""
    try:
        return attribute in plan.configuration.attributes(change.module, change.type, change.name)
    except ValueMissingError:
        return True


def stands(plan: Plan) -> bool:
    """Tell whether anything is left after the change: a plan that destroys everything has nothing to promise."""
    return any(change.stays and change.mode == "managed" for change in plan.resources.values())
