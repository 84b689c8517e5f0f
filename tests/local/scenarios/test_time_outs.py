"""A handler that is slow: it answers in time, and when it cannot, the gateway does."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.clone import Clone
from tests.support.deployed import Deployed
from tests.support.releasing import SLOW, released
from tests.support.scenarios import Report
from tests.support.traffic import at_once, send

pytestmark = pytest.mark.example

_SLEEPS = ("7.0", "12")


def test_a_slow_handler_answers_before_the_hard_limit(
    report: Report, deployed: Deployed, clone: Clone, aws: Any
) -> None:
    with report.scenario(
        "slow-handler",
        deployed.environment,
        injected="a release that sleeps 7 s of its 10 s, then 12 s, before it looks at the request",
        expected="504 timeout before 10 s, without asking the table; beyond 10 s Lambda ends it and the gateway "
        "answers 500 internal, as a problem",
    ) as seen:
        with released(aws, clone, deployed, SLOW):
            at_once(2, lambda _: send(deployed, "GET", "/health", x_sleep="1"))
            answers = at_once(2, lambda i: send(deployed, "GET", "/items/none", x_sleep=_SLEEPS[i]))
        seen.saw("; ".join(f"{answer.status} {answer.code} in {answer.seconds:.1f} s" for answer in answers))
        late, ended = answers
        assert (late.status, late.code) == (504, "timeout")
        # The answer is the function's own, so it came before the limit, whatever the way to it took.
        assert late.seconds >= 7
        assert (ended.status, ended.code) == (500, "internal")
        assert 10 <= ended.seconds < 29
        assert send(deployed, "GET", "/health").status == 200
