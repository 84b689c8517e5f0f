"""Promises over a whole plan, in one visible tuple. ``evaluate`` runs them all and lists those that hold as well.

A rule that fails is a finding of that rule (``judging``); the others still speak.
"""

from collections.abc import Iterable

from harness.base.findings import Finding, Severity
from harness.plan import Plan
from harness.rules import (
    alarms,
    callers,
    capacity,
    destruction,
    hearing,
    limits,
    presence,
    privilege,
    protection,
    resource_policies,
    shards,
    stages,
    wiring,
)
from harness.rules.judging import judge
from harness.rules.rule import Context, Rule, RuleReport, Sources
from harness.rules.sources import read_sources

DESTRUCTION_GATE = "destruction-gate"

RULES: tuple[Rule, ...] = (
    Rule("alarm-liveness", Severity.ERROR, alarms.alarm_liveness),
    Rule("alarm-presence", Severity.ERROR, presence.alarm_presence),
    Rule("alarm-guidance", Severity.ERROR, alarms.alarm_guidance),
    Rule("alarm-subscribers", Severity.ERROR, hearing.alarm_subscribers),
    Rule("capacity-coherence", Severity.ERROR, capacity.capacity_coherence),
    Rule("least-privilege", Severity.ERROR, privilege.least_privilege),
    Rule("resource-policies", Severity.ERROR, resource_policies.resource_policies),
    Rule("encryption", Severity.ERROR, protection.encryption),
    Rule("retention", Severity.ERROR, protection.retention),
    Rule("gateway-logging", Severity.ERROR, protection.logging),
    Rule("tags", Severity.ERROR, protection.tags),
    Rule("suffix", Severity.ERROR, protection.suffixes),
    Rule("alias-wiring", Severity.ERROR, wiring.alias_wiring),
    Rule("permission-scope", Severity.ERROR, wiring.permission_scope),
    Rule("route-owner", Severity.ERROR, callers.route_owner),
    Rule("event-sources", Severity.ERROR, callers.event_sources),
    Rule("redeploy", Severity.ERROR, stages.redeploy),
    Rule("key-required", Severity.ERROR, stages.key_required),
    Rule("table-wiring", Severity.ERROR, wiring.table_wiring),
    Rule("shards", Severity.ERROR, shards.shards_in_step),
    Rule("aws-limits", Severity.ERROR, limits.aws_limits),
    Rule(DESTRUCTION_GATE, Severity.ERROR, destruction.destruction_gate),
    Rule("same-name", Severity.ERROR, destruction.same_name),
    Rule("dying-key", Severity.ERROR, destruction.dying_key),
    Rule("plan-checks", Severity.ERROR, destruction.plan_checks),
    Rule("unknown-types", Severity.NOTE, destruction.unknown_resource_types),
)


def evaluate(
    plan: Plan, *, environment: str, suffix: str, acknowledged: Iterable[str] = (), sources: Sources | None = None
) -> RuleReport:
    """Run every rule over a plan.

    Args:
        environment: name of an environment that the blueprint lists.
        acknowledged: addresses that may be destroyed.
        sources: what the rules know besides the plan; default: read from this repository.

    Raises:
        FactError: the environment is not listed, or a file that states facts is missing or malformed.
    """
    known = read_sources() if sources is None else sources
    stated = known.blueprint.environment(environment)
    context = Context(plan, environment, stated, suffix, frozenset(acknowledged), known)
    return RuleReport(tuple(judge(rule, context) for rule in RULES))


def evaluate_account(plan: Plan, root: str) -> tuple[Finding, ...]:
    """Judge the plan of a root that is no environment: sizes are the only promise that asks no facts of one."""
    rule = next(one for one in RULES if one.check is limits.aws_limits)
    found = limits.oversized(plan)
    return tuple(Finding(rule.id, rule.severity, one.address, one.message, root, guideline=rule.why) for one in found)


__all__ = ["DESTRUCTION_GATE", "RULES", "Rule", "RuleReport", "Sources", "evaluate", "evaluate_account", "read_sources"]
