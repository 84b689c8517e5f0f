"""Every rule, broken in every way it knows, and the same plan mended."""

from __future__ import annotations

import pytest
from tests.support.pairs import STRICT, SUFFIX, Pair
from tests.unit.rules.pairs import (
    alarms,
    callers,
    capacity,
    composites,
    destruction,
    identities,
    limits,
    privilege,
    protection,
    queries,
    several_calls,
    several_limits,
    several_signals,
    shards,
    unread,
    wiring,
)

from harness.base.findings import Severity
from harness.plan import Plan
from harness.rules import RULES, Sources, evaluate

MODULES = (
    alarms, callers, capacity, composites, destruction, identities, limits, privilege, protection, queries, wiring,
    shards,
    several_calls, several_limits, several_signals, unread,
)  # fmt: skip
PAIRS: tuple[Pair, ...] = tuple(pair for module in MODULES for pair in module.PAIRS)


def messages(pair: Pair, plan: Plan, acknowledged: tuple[str, ...] = (), sources: Sources | None = None) -> list[str]:
    report = evaluate(
        plan, environment=pair.environment, suffix=SUFFIX, acknowledged=acknowledged, sources=sources or pair.sources
    )
    return [finding.message for finding in report.findings if finding.check == pair.rule]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.rule}-{pair.way}")
def test_a_broken_plan_is_found_and_the_mended_one_is_not(pair: Pair) -> None:
    found = messages(pair, pair.broken)
    assert [text for text in found if pair.says in text], f"expected {pair.says!r}, found {found}"
    assert messages(pair, pair.mended, pair.acknowledged, pair.mended_sources) == []


def test_every_rule_has_a_pair() -> None:
    assert {rule.id for rule in RULES} == {pair.rule for pair in PAIRS}


def test_pairs_are_told_apart() -> None:
    names = [(pair.rule, pair.way) for pair in PAIRS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_why(rule: object) -> None:
    why = next(one for one in RULES if one is rule).why
    assert len(why.split()) >= 8


def test_the_report_lists_every_rule_and_counts_errors() -> None:
    pair = PAIRS[0]
    report = evaluate(pair.broken, environment=STRICT, suffix=SUFFIX, sources=pair.sources)
    assert tuple(result.rule for result in report.results) == RULES
    assert report.errors == sum(finding.severity is Severity.ERROR for finding in report.findings) > 0
    assert all(finding.guideline for finding in report.findings)
