"""Read the rule of a composite alarm: states of other alarms, joined by words.

Source: "Composite alarms", "Rule expressions", Amazon CloudWatch User Guide, and PutCompositeAlarm in the API
reference: ``ALARM(x)``, ``OK(x)``, ``INSUFFICIENT_DATA(x)``, ``AT_LEAST(3, NOT OK, (x, y, z))``,
``AT_LEAST(50%, ...)``, ``TRUE``, ``FALSE``, parentheses, and NOT before AND before OR. An alarm is named or given by
its ARN, bare where that holds no space, parenthesis or comma, else in double quotes, in which a backslash takes the
next character as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_MOST_CHARACTERS, _MOST_CHILDREN, _MOST_ELEMENTS = 10_240, 100, 500
_DEEPEST = 50
_TOKEN = re.compile(r'[(),]|"(?:[^"\\]|\\.)*"|[^\s(),"]+|\S')
_ARN = re.compile(r"arn:[^:]+:cloudwatch:[^:]+:[^:]*:alarm:(?P<name>.+)")
_OPERAND = "NOT, (, TRUE, FALSE, ALARM, OK, INSUFFICIENT_DATA or AT_LEAST"


class UnreadableRule(ValueError):
    """A rule that CloudWatch refuses, with what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Constant:
    """``TRUE`` or ``FALSE``."""

    value: bool


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of these alarms are in a state, or with ``negated`` in any other; one alarm is at least one of one."""

    needed: int
    state: str
    negated: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a part."""

    part: "Rule"


@dataclass(frozen=True, slots=True)
class Several:
    """At least so many of these parts hold: an ``AtLeast`` with rules in the places of names."""

    needed: int
    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Parts that must all hold, or with ``every`` false at least one of them."""

    every: bool
    parts: tuple["Rule", ...]


Rule = Constant | AtLeast | Not | Join | Several


def read_rule(text: str) -> Rule:
    """Parse a rule.

    Raises:
        UnreadableRule: CloudWatch would refuse it.
    """
    if len(text) > _MOST_CHARACTERS:
        raise UnreadableRule(f"has {len(text)} characters; CloudWatch takes {_MOST_CHARACTERS}")
    reader = _Reader(text)
    rule = reader.read()
    children = len(set(named_in(rule)))
    if children > _MOST_CHILDREN:
        raise UnreadableRule(f"names {children} alarms; CloudWatch takes {_MOST_CHILDREN} in one rule")
    if reader.elements > _MOST_ELEMENTS:
        raise UnreadableRule(f"has {reader.elements} elements; CloudWatch takes {_MOST_ELEMENTS}")
    return rule


def named_in(rule: Rule) -> Iterator[str]:
    """List the names of alarms in a rule, in its order."""
    match rule:
        case AtLeast(names=names):
            yield from names
        case Not(part=part):
            yield from named_in(part)
        case Join(parts=parts) | Several(parts=parts):
            for one in parts:
                yield from named_in(one)


def alarm_name(reference: str) -> str:
    """Return the name in a reference, which may be an alarm's ARN.

    Raises:
        UnreadableRule: the ARN is of something else.
    """
    if not reference.startswith("arn:"):
        return reference
    match = _ARN.fullmatch(reference)
    if match is None:
        raise UnreadableRule(f"{reference} is the ARN of no alarm")
    return match["name"]


class _Reader:
    """A rule's tokens, the place reached, and the elements met so far."""

    def __init__(self, text: str) -> None:
        self._tokens = [(match[0], match.start()) for match in _TOKEN.finditer(text)] + [("", len(text))]
        self._at = 0
        self._depth = 0
        self.elements = 0

    def read(self) -> Rule:
        rule = self._any()
        if self._next:
            raise self._refusal("AND, OR or the end")
        return rule

    @property
    def _next(self) -> str:
        return self._tokens[self._at][0]

    def _refusal(self, wanted: str) -> UnreadableRule:
        token, place = self._tokens[self._at]
        return UnreadableRule(f"has {repr(token) if token else 'its end'} at character {place}; expected {wanted}")

    def _met(self, *wanted: str) -> str:
        """Step over a token if it is one of these, and return it."""
        if self._next not in wanted:
            return ""
        self._at += 1
        return self._tokens[self._at - 1][0]

    def _take(self, *wanted: str) -> str:
        if found := self._met(*wanted):
            return found
        raise self._refusal(" or ".join(wanted))

    def _any(self) -> Rule:
        parts = [self._all()]
        while self._met("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Join(False, tuple(parts))

    def _all(self) -> Rule:
        parts = [self._operand()]
        while self._met("AND"):
            parts.append(self._operand())
        return parts[0] if len(parts) == 1 else Join(True, tuple(parts))

    def _operand(self) -> Rule:
        negated = False
        while self._met("NOT"):
            negated = not negated
        self.elements += 1
        rule = self._positive()
        return Not(rule) if negated else rule

    def _positive(self) -> Rule:
        word = self._met("(", "TRUE", "FALSE", "AT_LEAST", *STATES)
        if word == "(":
            self.elements += 1
            self._depth += 1
            # CloudWatch names no limit; nobody reads a rule like that, and Python's stack ends too.
            if self._depth > _DEEPEST:
                raise UnreadableRule(f"nests parentheses deeper than {_DEEPEST}; split it into composite alarms")
            inner = self._any()
            self._take(")")
            self._depth -= 1
            return inner
        if word == "AT_LEAST":
            return self._at_least()
        if word in ("TRUE", "FALSE"):
            return Constant(word == "TRUE")
        if word:
            self._take("(")
            name = self._reference()
            self._take(")")
            return AtLeast(1, word, False, (name,))
        raise self._refusal(_OPERAND)

    def _at_least(self) -> Rule:
        self._take("(")
        threshold = re.fullmatch(r"([0-9]{1,9})(%?)", self._next)
        if threshold is None:
            raise self._refusal("a number or a percentage")
        place = self._at
        self._at += 1
        self._take(",")
        negated = bool(self._met("NOT"))
        state = self._take(*STATES)
        self._take(",")
        self._take("(")
        names = [self._reference()]
        while self._met(","):
            names.append(self._reference())
        self._take(")")
        self._take(")")
        self.elements += len(names) - 1
        count, most = int(threshold[1]), 100 if threshold[2] else len(names)
        if not 1 <= count <= most:
            self._at = place
            raise self._refusal(f"1 to {most}{threshold[2]}")
        return AtLeast(-(-count * len(names) // 100) if threshold[2] else count, state, negated, tuple(names))

    def _reference(self) -> str:
        token = self._next
        if token in ("", "(", ")", ",", '"', '""'):
            raise self._refusal("an alarm's name or ARN")
        self._at += 1
        return alarm_name(re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token)
