"""Two ways to do the same thing, timed in turn."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two ways to compare.

    Attributes:
        usual: words for the first side.
        usually: does it the usual way.
        ours: words for the second side.
        our_way: does it our way; a float it returns is the time in seconds (where a child process measured itself).
        most: the ratio of medians that is promised, None where none is.
    """

    name: str
    usual: str
    usually: Work
    ours: str
    our_way: Work
    most: float | None = None
    rounds: int = 5


@dataclass(frozen=True, slots=True)
class Spread:
    """Minimum, median and maximum."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Compute the spread of at least one value."""
        return cls(min(values), statistics.median(values), max(values))


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of a comparison: seconds, and ours divided by the usual of the same pair."""

    comparison: Comparison
    usual: Spread
    ours: Spread
    ratio: Spread

    @property
    def kept(self) -> bool:
        """True when the promised ratio holds, judged by the median."""
        return self.comparison.most is None or self.ratio.median <= self.comparison.most


def measure(comparison: Comparison) -> Result:
    """Run all pairs, each second one in the opposite order, so that neither side always comes to a warm machine."""
    usual, ours = list[float](), list[float]()
    for turn in range(comparison.rounds):
        sides = [(comparison.usually, usual), (comparison.our_way, ours)]
        for work, seconds in sides if turn % 2 == 0 else reversed(sides):
            seconds.append(timed(work))
    ratios = [one / other for one, other in zip(ours, usual, strict=True)]
    return Result(comparison, Spread.of(usual), Spread.of(ours), Spread.of(ratios))


def timed(work: Work) -> float:
    """Measure the seconds that ``work`` takes, or take those it returns."""
    started = time.perf_counter()
    told = work()
    return told if isinstance(told, float) else time.perf_counter() - started
