"""Checks over composite alarms: their rules can be read, name alarms of the plan, and come true and go again."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from harness.plan import Plan, ResourceChange, number
from harness.rules.alarm_logic import Logic, TooTangledError
from harness.rules.alarm_rule import AtLeast, Join, Not, Rule, UnreadableRule, alarm_name, named_in, read_rule
from harness.rules.rule import Violation, names

METRIC_ALARM = "aws_cloudwatch_metric_alarm"
COMPOSITE_ALARM = "aws_cloudwatch_composite_alarm"
_MOST_PARENTS = 150
_PERIODS = ("wait_period", "extension_period")


def rule_names(composite: ResourceChange) -> tuple[str, ...]:
    """Names that a composite alarm's rule refers to; none when it cannot be read, which is a finding elsewhere."""
    rule = _read(composite)
    return tuple(dict.fromkeys(named_in(rule))) if not isinstance(rule, str) else ()


def heard_names(plan: Plan) -> frozenset[str]:
    """Names of alarms that something listens to: a composite alarm's rule, or its suppression."""
    composites = plan.of_type(COMPOSITE_ALARM)
    suppressors = (one.find("actions_suppressor[0].alarm") for one in composites)
    heard = {_plain(name) for name in suppressors if isinstance(name, str)}
    return frozenset(heard | {name for one in composites for name in rule_names(one)})


def composed(plan: Plan, silent: Set[str]) -> Iterator[Violation]:
    """Check every composite alarm of a plan.

    Args:
        silent: names of metric alarms that never fire.
    """
    composites = _Composites(plan, silent)
    for composite in plan.of_type(COMPOSITE_ALARM):
        rule = _read(composite)
        if isinstance(rule, str):
            yield Violation(composite.address, rule)
            continue
        found = [*composites.unknown(composite, rule)] or [*composites.lifeless(composite, rule)]
        yield from (Violation(composite.address, text) for text in found)
        yield from (Violation(composite.address, text) for text in composites.suppression(composite, rule))
    for name, count in sorted(composites.parents.items()):
        if count > _MOST_PARENTS:
            yield Violation("", f"{count} composite alarms name {name!r}; CloudWatch takes {_MOST_PARENTS}")


def _read(composite: ResourceChange) -> Rule | str:
    """Read an alarm's rule, or say why that cannot be done."""
    text = composite.find("alarm_rule")
    if not isinstance(text, str):
        return "alarm_rule names no alarm, or is unknown until apply: build it from names, so that a plan shows it"
    try:
        return read_rule(text)
    except UnreadableRule as error:
        return f"alarm_rule {error}"


def _plain(reference: str) -> str:
    try:
        return alarm_name(reference)
    except UnreadableRule:
        return reference


@dataclass(frozen=True)
class _Composites:
    """All composite alarms of a plan whose rules can be read."""

    plan: Plan
    silent: Set[str]

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        pairs = ((str(one.find("alarm_name")), _read(one)) for one in self.plan.of_type(COMPOSITE_ALARM))
        return {name: rule for name, rule in pairs if not isinstance(rule, str)}

    @cached_property
    def parents(self) -> Counter[str]:
        return Counter(name for rule in self.rules.values() for name in set(named_in(rule)))

    @cached_property
    def known(self) -> frozenset[str]:
        return names(self.plan, METRIC_ALARM, "alarm_name") | names(self.plan, COMPOSITE_ALARM, "alarm_name")

    @cached_property
    def logic(self) -> Logic:
        """Rules that come back to themselves are left out: nobody evaluates them."""
        return Logic({name: rule for name, rule in self.rules.items() if not self._cycle(name)}, self.silent)

    def unknown(self, composite: ResourceChange, rule: Rule) -> Iterator[str]:
        own = composite.find("alarm_name")
        if not [*named_in(rule)]:
            yield "alarm_rule names no alarm: it never changes"
        for name in dict.fromkeys(named_in(rule)):
            if name not in self.known or name == own:
                yield f"alarm_rule names {name!r}, which is no other alarm of this plan"

    def lifeless(self, composite: ResourceChange, rule: Rule) -> Iterator[str]:
        cycle = self._cycle(str(composite.find("alarm_name")))
        if cycle:
            yield f"alarm_rule comes back to itself ({' -> '.join(cycle)}), and CloudWatch evaluates no cycle"
            return
        try:
            if not self.logic.possible(rule):
                yield "alarm_rule is never true, so it never fires"
            elif not self.logic.possible(Not(rule)):
                yield "alarm_rule is always true: it fires once and never again"
        except TooTangledError:
            yield "alarm_rule is too tangled to tell if it is ever true; split it into composite alarms"

    def _cycle(self, start: str) -> tuple[str, ...]:
        """Return the shortest way from an alarm back to itself; nothing when there is none."""
        paths: list[tuple[str, ...]] = [(start,)]
        seen = {start}
        for path in paths:
            rule = self.rules.get(path[-1])
            for name in dict.fromkeys(named_in(rule)) if rule is not None else ():
                if name == start:
                    return (*path, start)
                if name not in seen:
                    seen.add(name)
                    paths.append((*path, name))
        return ()

    def suppression(self, composite: ResourceChange, rule: Rule) -> Iterator[str]:
        if composite.find("actions_suppressor") in (None, []):
            return
        alarm = composite.find("actions_suppressor[0].alarm")
        name = _plain(alarm) if isinstance(alarm, str) else alarm
        for period in _PERIODS:
            seconds = number(composite.find(f"actions_suppressor[0].{period}"))
            if seconds is None or seconds < 0 or seconds != int(seconds):
                yield f"actions_suppressor: {period} is no whole number of seconds, from 0 on, that the plan shows"
        if not isinstance(name, str) or name not in self.known or name == composite.find("alarm_name"):
            yield f"actions_suppressor names {alarm!r}, which is no other alarm of this plan"
            return
        unsuppressed = Join(True, (rule, Not(AtLeast(1, "ALARM", False, (name,)))))
        try:
            if self.logic.possible(rule) and not self.logic.possible(unsuppressed):
                yield f"actions_suppressor: {name!r} is in ALARM whenever this alarm is, so its actions are never taken"
        except TooTangledError:
            yield f"actions_suppressor: the rules are too tangled to tell if {name!r} ever lets an action through"
