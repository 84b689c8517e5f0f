"""The steps of every environment, and that their waits are long enough for the alarms."""

import re

import pytest

from harness.base.paths import REPO, environments
from harness.operate.release import steps_of

CATALOGUE = (REPO / "modules" / "alarms" / "catalogue.tf").read_text()


@pytest.mark.parametrize("environment", [*environments(), "unheard-of"])
def test_steps_rise_to_every_request(environment: str) -> None:
    percents = [step.percent for step in steps_of(environment)]
    assert percents == sorted(set(percents))
    assert percents[0] >= 1
    assert percents[-1] == 100


def test_dev_goes_at_once_and_everything_else_begins_with_a_tenth() -> None:
    assert len(steps_of("dev")) == 1
    assert steps_of("prod")[0].percent == 10
    assert steps_of("unheard-of") == steps_of("prod")


def test_every_wait_of_prod_outlasts_the_slowest_alarm_that_pages() -> None:
    alarms = re.findall(r"period\s+= (\d+), periods = \d+, breaching = (\d+), page = true", CATALOGUE)
    assert len(alarms) >= 4, "the catalogue is written differently now"
    slowest = max(int(period) * int(breaching) for period, breaching in alarms) / 60
    assert all(step.minutes > slowest for step in steps_of("prod"))
