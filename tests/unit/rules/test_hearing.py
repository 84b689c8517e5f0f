"""Subscribers are asked of guarded environments alone."""

from __future__ import annotations

from tests.support.builder import plan
from tests.support.pairs import LAX, SOURCES, STRICT, SUFFIX
from tests.unit.rules.pairs.alarms import ALARM, FUNCTION, TOPIC

from harness.rules import evaluate


def test_an_environment_that_is_not_guarded_needs_no_subscriber() -> None:
    unheard = plan(FUNCTION, TOPIC, ALARM)
    found = {
        environment: [
            finding.address
            for finding in evaluate(unheard, environment=environment, suffix=SUFFIX, sources=SOURCES).findings
            if finding.check == "alarm-subscribers"
        ]
        for environment in (STRICT, LAX)
    }
    assert found == {STRICT: ["aws_sns_topic.this"], LAX: []}
