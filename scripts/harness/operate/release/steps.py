"""Weights and waits of the steps in which a release goes; ``blueprint.yaml`` says which an environment takes."""

from dataclasses import dataclass

from harness.facts import Release, read_blueprint


@dataclass(frozen=True, slots=True)
class Step:
    """One position of the alias.

    Attributes:
        percent: share of the requests the new version gets, 1 to 100.
        minutes: how long the alarms are watched before the next step, or before the release counts as finished.
    """

    percent: int
    minutes: float


def lasting(seconds: float) -> str:
    """Write a wait as people say it."""
    return f"{round(seconds / 60, 1):g} min" if seconds >= 60 else f"{seconds:.2g} s"


_AT_ONCE = (Step(100, 0),)

# The slowest alarm that pages needs two periods of 5 minutes (lambda-errors), and CloudWatch a minute or two to see
# the requests: 12 minutes. A shorter wait would end before a failing version could be noticed.
_CANARY = (Step(10, 12), Step(50, 12), Step(100, 12))

_STEPS = {Release.AT_ONCE: _AT_ONCE, Release.CANARY: _CANARY}


def steps_of(environment: str) -> tuple[Step, ...]:
    """Return the steps of an environment's releases.

    Raises:
        FactError: ``blueprint.yaml`` does not list it.
    """
    return _STEPS[read_blueprint().environment(environment).release]
