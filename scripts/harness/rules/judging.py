"""Run one rule so that its failure is a finding of its own and hides no other rule's verdict."""

import re
import traceback
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.rules.rule import Context, Rule, RuleResult, Violation

BUGS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
    re.error,
)
"""Errors that Python raises where a rule is wrong about a plan: the kinds that a pure function can meet.

Elsewhere such an error ends the command, which is right: nothing further is known. Here it would also end rules that
have nothing to do with it, and leave a plan without any verdict; so this one place catches them. The list is closed on
purpose: what the machine lacks (memory, a file), an interrupt or an exit is no judgement of a plan and passes through.
"""


def judge(rule: Rule, context: Context) -> RuleResult:
    """List what a rule finds; where it fails, what it found before and that it failed."""
    found: list[Finding] = []
    try:
        for violation in rule.check(context):
            found.append(_finding(rule, violation, context))
    except HarnessError as error:
        found.append(_failure(rule, str(error), context))
    except BUGS as error:
        found.append(_failure(rule, _told(error), context))
    return RuleResult(rule, tuple(found))


def _finding(rule: Rule, violation: Violation, context: Context) -> Finding:
    severity = violation.severity or rule.severity
    return Finding(
        rule.id, severity, violation.address, violation.message, environment=context.name, guideline=rule.why
    )


def _failure(rule: Rule, words: str, context: Context) -> Finding:
    text = f"could not judge this plan, so nothing shows that it holds: {words}"
    # An error whatever the rule's severity: a note would let the plan pass unjudged.
    return _finding(rule, Violation("", text, Severity.ERROR), context)


def _told(error: Exception) -> str:
    """Name kind and place of a bug; its own words are left out, as they may hold a value of the plan."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno} -> report it as a bug of the rule"
