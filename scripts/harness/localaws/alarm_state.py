"""Alarm states computed from data points, as CloudWatch documents it. Pure.

Source: "Configuring how CloudWatch alarms treat missing data" and "Alarm evaluation", Amazon CloudWatch User
Guide; the tables there are the tests here.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

EXTRA_PERIODS = 2
"""Periods looked at beyond the evaluation periods. AWS's examples look at 5 for an alarm on 3."""

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class State(StrEnum):
    """States of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    """Meanings an alarm can give to a period without data."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


@dataclass(frozen=True, slots=True)
class Condition:
    """Conditions under which an alarm fires.

    Attributes:
        periods: evaluation periods, N.
        breaches: data points to alarm, M of N.
        comparison: AWS's name of the comparison with the threshold.
        threshold: in the metric's unit.
    """

    periods: int
    breaches: int
    comparison: str
    threshold: float
    missing: Missing

    def breached_by(self, value: float) -> bool:
        """Tell if one data point breaches the threshold.

        Raises:
            KeyError: an anomaly-detection comparison, which has no fixed threshold.
        """
        return _COMPARISONS[self.comparison](value, self.threshold)


def evaluate(condition: Condition, values: Sequence[float | None], before: State) -> State:
    """Compute the state after an evaluation.

    Args:
        values: one per period, the oldest first, None where there is no data; ``periods + EXTRA_PERIODS`` of them.
        before: the state until now, which ``ignore`` may keep.
    """
    real = [condition.breached_by(value) for value in values if value is not None][-condition.periods :]
    gaps = condition.periods - len(real)
    if not real and condition.missing is Missing.MISSING:
        return State.INSUFFICIENT_DATA
    breaching = sum(real) + (gaps if condition.missing is Missing.BREACHING else 0)
    if breaching >= condition.breaches:
        return State.ALARM
    undecided = gaps > 0 and all(real)  # nothing speaks against the alarm but that data are missing
    if undecided and condition.missing is Missing.MISSING:
        return State.ALARM
    return before if undecided and condition.missing is Missing.IGNORE else State.OK
