"""A rule that fails is a finding of that rule, and no other rule loses its verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from tests.support.builder import Res, plan
from tests.support.pairs import LAX, SOURCES, SUFFIX

from harness import rules
from harness.base.errors import HarnessError
from harness.base.findings import Severity
from harness.facts import Blueprint
from harness.plan import UNKNOWN, ValueMissingError
from harness.rules import RULES, Rule, RuleReport, evaluate
from harness.rules.rule import Context, Violation

TOPIC = Res("aws_sns_topic.this", {"name": "elsewhere"})
SECRET = "hunter2"


def reported(monkeypatch: pytest.MonkeyPatch, check: Callable[[Context], Any]) -> RuleReport:
    """Judge a plan by the real rules and, in the middle, a note that does as told."""
    odd = Rule("odd", Severity.NOTE, check)
    monkeypatch.setattr(rules, "RULES", (*RULES[:5], odd, *RULES[5:]))
    return evaluate(plan(TOPIC), environment=LAX, suffix=SUFFIX, sources=SOURCES)


def raising(error: BaseException) -> Callable[[Context], Iterator[Violation]]:
    def check(context: Context) -> Iterator[Violation]:
        """Tell one thing, then fail."""
        yield Violation("aws_x.y", "told before")
        raise error

    return check


def of_value(context: Context) -> Iterator[Violation]:
    """Fail as rules do that trust a plan: what they meet differs by plan."""
    if UNKNOWN:
        yield Violation("", "never")


BUGS = (
    AttributeError(SECRET), KeyError(SECRET), IndexError(SECRET), TypeError(SECRET), ValueError(SECRET),
    ZeroDivisionError(SECRET), AssertionError(SECRET), RecursionError(SECRET), NameError(SECRET),
    NotImplementedError(SECRET), UnicodeDecodeError("utf-8", b"", 0, 1, SECRET),
    re.error(SECRET), msgspec.DecodeError(SECRET),
)  # fmt: skip


@pytest.mark.parametrize("error", BUGS, ids=lambda error: type(error).__name__)
def test_a_bug_is_a_finding_that_names_its_place_and_no_value(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = reported(monkeypatch, raising(error))
    (odd,) = [one for one in report.results if one.rule.id == "odd"]
    told, failed = odd.findings
    assert told.message == "told before"
    assert failed.severity is Severity.ERROR
    assert not odd.holds
    assert f"{type(error).__name__} in test_judging.py:" in failed.message
    assert "could not judge this plan" in failed.message
    assert SECRET not in failed.message


@pytest.mark.parametrize("check", [raising(ValueMissingError("no x in the plan", "set it")), of_value])
def test_an_error_of_the_harness_keeps_its_remedy(
    check: Callable[[Context], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = reported(monkeypatch, check)
    (failed,) = [one for one in report.findings if one.check == "odd" and "could not judge" in one.message]
    assert " -> " in failed.message
    assert report.errors >= 1


def test_the_others_still_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    calm = evaluate(plan(TOPIC), environment=LAX, suffix=SUFFIX, sources=SOURCES)
    report = reported(monkeypatch, raising(TypeError()))
    assert [one.rule.id for one in report.results if one.rule.id != "odd"] == [rule.id for rule in RULES]
    others = tuple(one for one in report.findings if one.check != "odd")
    assert others == calm.findings
    assert {"suffix"} <= {one.check for one in others}


@pytest.mark.parametrize("error", [MemoryError(), OSError(), KeyboardInterrupt(), SystemExit(3)])
def test_what_is_no_judgement_of_a_plan_ends_the_command(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(type(error)):
        reported(monkeypatch, raising(error))


def test_an_environment_that_is_not_listed_is_still_refused() -> None:
    unlisted = replace(SOURCES, blueprint=Blueprint(project="p", prefix="p", region="r", environments={}))
    with pytest.raises(HarnessError):
        evaluate(plan(TOPIC), environment=LAX, suffix=SUFFIX, sources=unlisted)
