"""Tell if a rule over alarms can come true, whatever the alarms do."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from harness.rules.alarm_rule import STATES, AtLeast, Constant, Join, Not, Rule, Several

_MOST_STEPS = 2_000
_MOST_PARTS = 20_000
States = Mapping[str, str]


class TooTangledError(ValueError):
    """A rule that has too many combinations of states to try them."""


@dataclass(frozen=True, slots=True)
class Logic:
    """Rules of composite alarms, and alarms that never are in ALARM.

    Attributes:
        rules: by the name of the composite alarm; none comes back to itself.
        silent: metric alarms that never fire.
    """

    rules: Mapping[str, Rule]
    silent: Set[str] = frozenset()

    def possible(self, rule: Rule) -> bool:
        """Tell if a rule can be true.

        Raises:
            TooTangledError: too many combinations of states would have to be tried.
        """
        try:
            return self._search(self._unfolded(rule, iter(range(_MOST_PARTS))))
        except RecursionError:
            raise TooTangledError from None

    def _search(self, whole: Rule) -> bool:
        domains, settled = self._domains(whole)
        stack: list[States] = [settled]
        for _ in range(_MOST_STEPS):
            if not stack:
                return False
            states = stack.pop()
            value = _value(whole, states)
            if value:
                return True
            if value is None:
                name = next(_open(whole, states))
                stack += [{**states, name: state} for state in reversed(domains[name])]
        raise TooTangledError

    def _unfolded(self, rule: Rule, parts: Iterator[int]) -> Rule:
        """Put the rules of composite alarms in their places; those are in ALARM or OK, save when they are made."""
        if next(parts, None) is None:
            raise TooTangledError
        match rule:
            case Not(part=part):
                return Not(self._unfolded(part, parts))
            case Join(every=every, parts=inner):
                return Join(every, tuple(self._unfolded(one, parts) for one in inner))
            case AtLeast(needed=1, state=state, negated=negated, names=(name,)) if name in self.rules:
                if state == "INSUFFICIENT_DATA":
                    return Constant(negated)
                unfolded = self._unfolded(self.rules[name], parts)
                return Not(unfolded) if negated != (state == "OK") else unfolded
            case AtLeast(names=names) if not self.rules.keys().isdisjoint(names):
                each = (replace(rule, needed=1, names=(name,)) for name in names)
                return Several(rule.needed, tuple(self._unfolded(one, parts) for one in each))
        return rule

    def _domains(self, rule: Rule) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """List the states that matter of each alarm, and settle alarms of which one state can only help."""
        asked: dict[str, set[tuple[str, bool]]] = {}
        for name, state, positive in _literals(rule, True):
            asked.setdefault(name, set()).add((state, positive))
        domains, settled = {}, {}
        for name, literals in asked.items():
            named = {state for state, _ in literals}
            allowed = self._allowed(name)
            others = [state for state in allowed if state not in named]
            domains[name] = (*(state for state in allowed if state in named), *others[:1])
            if len(literals) == 1:
                ((state, positive),) = literals
                helpful = [one for one in domains[name] if (one == state) == positive]
                settled[name] = (helpful or domains[name])[0]
        return domains, settled

    def _allowed(self, name: str) -> tuple[str, ...]:
        if name not in self.rules:
            return tuple(state for state in STATES if state != "ALARM" or name not in self.silent)
        rule = self.rules[name]
        ways = {"ALARM": rule, "OK": Not(rule)}
        return tuple(state for state, way in ways.items() if self.possible(way))


def _literals(rule: Rule, positive: bool) -> Iterator[tuple[str, str, bool]]:
    """List name, state and direction of everything that a rule asks for."""
    match rule:
        case Not(part=part):
            yield from _literals(part, not positive)
        case Join(parts=parts) | Several(parts=parts):
            for one in parts:
                yield from _literals(one, positive)
        case AtLeast(state=state, negated=negated, names=names):
            yield from ((name, state, positive != negated) for name in names)


def _value(rule: Rule, states: States) -> bool | None:
    """Evaluate a rule; None while it hangs on alarms whose state is open."""
    match rule:
        case Constant(value=value):
            return value
        case Not(part=part):
            inner = _value(part, states)
            return None if inner is None else not inner
        case Join(every=every, parts=parts):
            values = [_value(one, states) for one in parts]
            if (not every) in values:
                return not every
            return None if None in values else every
        case Several(needed=needed, parts=parts):
            return _enough(needed, [_value(one, states) for one in parts])
        case AtLeast(needed=needed, state=state, negated=negated, names=names):
            return _enough(needed, [(states[name] == state) != negated if name in states else None for name in names])


def _enough(needed: int, values: list[bool | None]) -> bool | None:
    """Tell if enough of several values are true; None while that hangs on open ones."""
    if values.count(True) >= needed:
        return True
    return False if len(values) - values.count(False) < needed else None


def _open(rule: Rule, states: States) -> Iterator[str]:
    """List alarms whose state decides a rule that is still open."""
    match rule:
        case Not(part=part):
            yield from _open(part, states)
        case Join(parts=parts) | Several(parts=parts):
            for one in parts:
                if _value(one, states) is None:
                    yield from _open(one, states)
        case AtLeast(names=names):
            yield from (name for name in names if name not in states)
