"""Judge a token bucket by its answers, however late: a request was decided between its sending and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.traffic import Answer

WINDOW_SECONDS, SLICE_SECONDS = 4.0, 0.5


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a figure can have been."""

    least: float
    most: float

    def within(self, figure: float, share: float) -> bool:
        """Tell whether the figure can have been one that is at most a share away from the one given."""
        return self.least <= (1 + share) * figure and self.most >= (1 - share) * figure

    def __str__(self) -> str:
        return f"{self.least:.0f} to {self.most:.0f}"


def refused(answers: Sequence[Answer]) -> list[Answer]:
    """List the answers that turned a request away, by their arrival."""
    return sorted((one for one in answers if one.status == 429), key=lambda one: one.at)


def over(answers: Sequence[Answer]) -> bool:
    """Tell whether the window after the first refusal has passed."""
    turned = refused(list(answers))
    return bool(turned) and answers[-1].at > turned[0].at + WINDOW_SECONDS + SLICE_SECONDS


def was_the_limit(answers: Sequence[Answer]) -> bool:
    """Tell whether the limit, not this machine, bounded what passed: somebody was turned away in every half second."""
    turned = refused(answers)
    slices = {int((one.at - turned[0].at) / SLICE_SECONDS) for one in turned}
    return slices >= set(range(int(WINDOW_SECONDS / SLICE_SECONDS) + 1))


def rate(answers: Sequence[Answer]) -> Bounds:
    """Return the requests a second that passed between two refusals: the bucket was empty at both."""
    turned = refused(answers)
    first = turned[0]
    last = next(one for one in turned if one.at >= first.at + WINDOW_SECONDS)
    shortest, longest = _sent(last) - first.at, last.at - _sent(first)
    surely = _passed_surely(answers, first.at, _sent(last))
    possibly = _passed_possibly(answers, _sent(first), last.at)
    return Bounds(surely / longest, possibly / shortest if shortest > 0 else float("inf"))


def burst(answers: Sequence[Answer], rate: float) -> Bounds:
    """Return the bucket's size: the most that passed up to the first refusal beyond what flowed in meanwhile."""
    first = refused(answers)[0]
    begun = [_sent(one) for one in answers if one.status != 429 and _sent(one) <= first.at]
    least = max(_passed_surely(answers, start, _sent(first)) - rate * (first.at - start) for start in begun)
    most = max(_passed_possibly(answers, start, first.at) - rate * max(0.0, _sent(first) - start) for start in begun)
    return Bounds(least, most)


def _sent(answer: Answer) -> float:
    return answer.at - answer.seconds


def _passed_surely(answers: Sequence[Answer], start: float, end: float) -> int:
    return sum(one.status != 429 and _sent(one) >= start and one.at <= end for one in answers)


def _passed_possibly(answers: Sequence[Answer], start: float, end: float) -> int:
    return sum(one.status != 429 and one.at >= start and _sent(one) <= end for one in answers)
